// Small comforts. Every page works without this file.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("script");

  // Times: the server writes UTC; show the reader's own zone and keep "in 7 hours" true.
  const absolute = new Intl.DateTimeFormat(root.lang, {
    day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  const inWords = (date) => {
    const seconds = Math.round((date - Date.now()) / 1000);
    const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[3];
    return relative.format(Math.round(seconds / length), unit);
  };
  const dateOf = (element) => {
    const date = new Date(element.dateTime);
    return Number.isNaN(date.valueOf()) ? null : date;
  };
  for (const element of document.querySelectorAll("time[data-absolute]")) {
    const date = dateOf(element);
    if (date) element.textContent = absolute.format(date);
  }
  const refresh = () => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const date = dateOf(element);
      if (date) element.textContent = inWords(date);
    }
  };
  refresh();
  setInterval(refresh, 30000);

  // Copy buttons: data-copy names the element whose text is wanted.
  const said = document.getElementById("said");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    let message = "Copied";
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      getSelection().selectAllChildren(source);
      message = "Selected: press Ctrl+C";
    }
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = message;
    button.dataset.done = "";
    if (said) said.textContent = message;
    setTimeout(() => {
      label.textContent = before;
      delete button.dataset.done;
      if (said) said.textContent = "";
    }, 2000);
  }, false);

  // Appearance: the form does the same with a reload.
  for (const form of document.querySelectorAll("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter?.value;
      if (!chosen) return;
      event.preventDefault();
      if (chosen === "auto") delete root.dataset.theme;
      else root.dataset.theme = chosen;
      for (const button of form.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === chosen));
      }
      fetch(form.action, {
        method: "POST",
        headers: { "X-Requested-With": "fetch" },
        body: new URLSearchParams({ theme: chosen }),
        redirect: "manual",
      }).catch(() => {});
    });
  }

  // The person menu closes by Escape and by a click elsewhere.
  const menu = document.querySelector("details.person");
  if (menu) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
  // At 360 px the row of sections scrolls: bring the current one into view.
  document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
