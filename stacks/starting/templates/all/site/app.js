const answer = await fetch("/api/notes");
for (const text of await answer.json()) {
  const item = document.createElement("li");
  item.textContent = text;
  document.querySelector("#notes").append(item);
}
