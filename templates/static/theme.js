// Light, dark, or as the system: one choice per browser. Loaded as a classic script in <head>, before the first paint.
(() => {
  const ORDER = ["auto", "light", "dark"];
  const root = document.documentElement;

  const stored = () => {
    try {
      const value = localStorage.getItem("theme");
      return ORDER.includes(value) ? value : "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  };

  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };

  show(stored());

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    let theme = stored();
    const label = () => {
      button.dataset.now = theme;
      button.title = button.dataset[theme];
      button.querySelector("[data-theme-name]").textContent = button.dataset[theme];
    };
    label();
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
      try {
        localStorage.setItem("theme", theme);
      } catch {
        // the choice then lasts for this page only
      }
      show(theme);
      label();
    });
  });
})();
