// Pages work without this. It adds what needs a script: the theme switch, copying, a language that is remembered,
// forms that a second click does not send twice.
(() => {
  const root = document.documentElement;
  const secure = location.protocol === "https:" ? ";secure" : "";
  const remember = (name, value) => {
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax${secure}`;
  };

  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    remember("theme", root.dataset.theme);
  });

  for (const link of document.querySelectorAll("a[data-lang]")) {
    link.addEventListener("click", () => remember("lang", link.dataset.lang));
  }

  let sent = null;
  document.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = event.submitter || event.target;
    sent.setAttribute("aria-busy", "true");
  });
  // Also when the browser shows the page again as it was left.
  addEventListener("pageshow", () => {
    sent?.removeAttribute("aria-busy");
    sent = null;
  });

  // What was given goes on by itself; without script a person sends it off.
  document.querySelector("form[data-send]")?.submit();

  // Browsers give the clipboard to secure contexts only.
  for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
    const picture = button.querySelector("use");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      const said = document.getElementById("said");
      picture.setAttribute("href", "#i-check");
      said.textContent = button.dataset.copied;
      setTimeout(() => {
        picture.setAttribute("href", "#i-copy");
        said.textContent = "";
      }, 2000);
    });
  }
})();
