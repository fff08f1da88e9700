// Small comforts; every page works without them.
"use strict";
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value || source.textContent.trim());
      copy.querySelector("span").textContent = copy.dataset.copied;
    } catch { source.focus(); }
  }
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("change", (event) => {
  const toggle = event.target.closest("[data-show]");
  if (toggle) document.getElementById(toggle.dataset.show).type = toggle.checked ? "text" : "password";
});
for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
// A preview that is still on its way when the person goes on is no error.
document.addEventListener("htmx:beforeSend", (event) => {
  if (event.target.closest(".wp-seen")) event.detail.xhr.onabort = null;
});
