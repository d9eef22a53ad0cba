const answer = await fetch("/api/hello");
const { message } = await answer.json();
document.querySelector("#message").textContent = message;
