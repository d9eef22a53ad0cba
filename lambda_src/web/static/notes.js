// Comfort only: every page works without it.

const area = document.querySelector("textarea[data-limit]");
const count = document.getElementById("count");

if (area && count) {
  const limit = Number(area.dataset.limit);
  const show = () => {
    const left = limit - [...area.value.trim()].length;
    count.textContent = left < 0 ? `${-left} characters too many` : `${left.toLocaleString()} characters left`;
    count.classList.toggle("over", left < 0);
  };
  area.addEventListener("input", show);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
  });
}

const readable = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.textContent = readable.format(new Date(time.dateTime));
}
