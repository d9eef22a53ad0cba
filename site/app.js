// Turns the address into a view: /app/signin, /app/signup, /app/confirm, /app/notes.
// Views are the <template>s of index.html; text enters only by textContent, so a note can never become markup.

import { openAccount } from "./account.js";
import { confirm, missing, notes, signin, signup } from "./views.js";

const BASE = "/app/";
const ROUTES = { signin, signup, confirm, notes };
const view = document.getElementById("view");
let account;

function show(note = "") {
  const route = location.pathname.slice(BASE.length).replace(/\/$/, "");
  const signedIn = account.email !== null;
  if (route === "") return go(signedIn ? "notes" : "signin", { note, replace: true });
  if (route === "notes" && !signedIn) return go("signin", { note: note || "Sign in to see your notes.", replace: true });
  if ((route === "signin" || route === "signup") && signedIn) return go("notes", { note, replace: true });
  return draw(Object.hasOwn(ROUTES, route) ? ROUTES[route] : missing, note);
}

function draw(fill, note) {
  const template = document.getElementById(`view-${fill.name}`);
  document.title = `${template.dataset.title} – Notes`;
  view.replaceChildren(template.content.cloneNode(true));
  say(note);
  showAccount();
  view.querySelector("h1").focus();
  fill(view, { account, go, say, state: history.state ?? {} });
}

// state survives a reload and, unlike the address, is in no log: the place for an e-mail address
function go(route, { note = "", state = {}, replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](state, "", BASE + route);
  show(note);
}

function say(text) {
  document.getElementById("message").textContent = text;
}

function showAccount() {
  const signedIn = account.email !== null;
  document.getElementById("who").textContent = account.email ?? "";
  document.getElementById("signout").hidden = !signedIn;
  document.getElementById("anonymous").hidden = signedIn;
}

async function signOut() {
  await account.signOut();
  go("signin", { note: "You are signed out." });
}

function follow(event) {
  const link = event.target.closest("a[data-route]");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(new URL(link.href).pathname.slice(BASE.length));
}

function apologize() {
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  problem.textContent = "The application could not start. Please reload the page in a moment.";
  view.replaceChildren(problem);
}

try {
  account = await openAccount(`${BASE}config.json`);
  document.addEventListener("click", follow);
  document.getElementById("signout").addEventListener("click", signOut);
  window.addEventListener("popstate", () => show());
  show();
} catch (error) {
  apologize();
  throw error;
}
