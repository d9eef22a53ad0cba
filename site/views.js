// Turns a freshly drawn view into a working one. Each function is named for its <template> and gets the view's element
// and the page: {account, go, say, state}.

const readable = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function signin(view, { account, go, state }) {
  onSubmit(view, async ({ email, password }) => {
    try {
      await account.signIn(email.value, password.value);
    } catch (failure) {
      if (failure.code !== "UserNotConfirmedException") throw failure;
      return go("confirm", { note: failure.message, state: { email: email.value } });
    }
    return go("notes");
  });
  fillEmail(view, state, "password");
}

export function signup(view, { account, go }) {
  onSubmit(view, async ({ email, password }) => {
    await account.signUp(email.value, password.value);
    await go("confirm", { state: { email: email.value } });
  });
}

export function confirm(view, { account, go, say, state }) {
  const { email } = onSubmit(view, async ({ email, code }) => {
    await account.confirm(email.value, code.value.trim());
    await go("signin", { note: "Your e-mail is confirmed. You can sign in now.", state: { email: email.value } });
  });
  view.querySelector("#resend").addEventListener("click", async () => {
    if (!check([email])) return;
    await attempt(view, async () => {
      await account.resend(email.value);
      say("A new code is on its way.");
    });
  });
  fillEmail(view, state, "code");
}

export function notes(view, page) {
  const { account, say } = page;
  const list = view.querySelector("#list");
  const { text } = onSubmit(view, async () => {
    const kept = await account.add(text.value).catch((failure) => leaveIfSignedOut(failure, page));
    list.prepend(noteItem(kept));
    text.form.reset();
    showCount();
    view.querySelector("#none").hidden = true;
    say("Note added.");
  });
  const showCount = countdown(text, view.querySelector("#limit"));
  attempt(view, async () => {
    const found = await account.list().catch((failure) => leaveIfSignedOut(failure, page));
    list.append(...found.notes.map(noteItem));
    view.querySelector("#none").hidden = list.children.length > 0;
  }).finally(() => list.setAttribute("aria-busy", "false"));
}

export function missing() {}

async function leaveIfSignedOut(failure, { go }) {
  if (failure.code === "SignedOut") await go("signin", { note: failure.message });
  throw failure;
}

function noteItem({ text, created }) {
  const item = document.getElementById("note-item").content.cloneNode(true);
  item.querySelector(".text").textContent = text;
  item.querySelector("time").dateTime = created;
  item.querySelector("time").textContent = readable.format(new Date(created));
  return item;
}

function countdown(area, hint) {
  const unused = hint.textContent;
  const show = () => {
    const left = Number(area.dataset.limit) - [...area.value.trim()].length;
    hint.textContent = left < 0 ? `${-left} characters too many` : `${left.toLocaleString()} characters left`;
    if (area.value === "") hint.textContent = unused;
    hint.classList.toggle("over", left < 0);
  };
  area.addEventListener("input", show);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
  });
  return show;
}

// the e-mail comes along in the history's state; the reader goes on with the field that is still empty
function fillEmail(view, { email }, next) {
  if (!email) return;
  view.querySelector("#email").value = email;
  view.querySelector(`#${next}`).focus();
}

// runs work with the form's fields when they are in order, once at a time; gives the fields
function onSubmit(view, work) {
  const form = view.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = [...form.elements].filter((field) => field.name);
    if (form.ariaBusy !== "true" && check(fields)) attempt(view, () => work(form.elements));
  });
  return form.elements;
}

async function attempt(view, work) {
  const form = view.querySelector("form");
  form.ariaBusy = "true";
  complain(form, "");
  try {
    await work();
  } catch (failure) {
    complain(form, failure.message);
  } finally {
    form.ariaBusy = "false";
  }
}

function check(fields) {
  for (const field of fields) field.removeAttribute("aria-invalid");
  const wrong = fields.find((field) => fault(field));
  if (!wrong) return true;
  wrong.setAttribute("aria-invalid", "true");
  complain(wrong.form, fault(wrong));
  wrong.focus();
  return false;
}

function fault(field) {
  const { validity, value, dataset } = field;
  if (validity.valueMissing || value.trim() === "") return EMPTY[field.name];
  if (validity.typeMismatch) return "This is not an e-mail address.";
  if (validity.patternMismatch) return "A code has six digits.";
  if (field.minLength > 0 && value.length < field.minLength) return `The password needs at least ${field.minLength} characters.`;
  if (dataset.limit && [...value.trim()].length > Number(dataset.limit)) return `At most ${dataset.limit} characters fit.`;
  return "";
}

const EMPTY = {
  email: "Enter your e-mail address.",
  password: "Enter a password.",
  code: "Enter the code from the mail.",
  text: "Write something first: a note cannot be empty.",
};

function complain(form, text) {
  const place = form.querySelector(".problem");
  place.textContent = text;
  place.hidden = text === "";
}
