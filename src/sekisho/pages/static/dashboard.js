// The dashboard works without this. It adds: the bar that counts what is not saved, menus that Escape closes and
// arrows walk, "/" for the search, a note that goes away, the current tab in view.
(() => {
  for (const bar of document.querySelectorAll("[data-save]")) {
    const form = bar.closest("form");
    const count = bar.querySelector("[data-count]");
    const reset = bar.querySelector("[type=reset]");
    const label = bar.dataset.save;
    const said = count.textContent;
    const fields = [...form.elements].filter((each) => each.name && each.type !== "hidden" && !("aside" in each.dataset));
    const changed = (each) => {
      if (each.type === "checkbox" || each.type === "radio") return each.checked !== each.defaultChecked;
      if (each.options) return [...each.options].some((one) => one.selected !== one.defaultSelected);
      return each.value !== each.defaultValue;
    };
    const tell = () => {
      const many = fields.filter(changed).length;
      bar.className = many ? "save wrap row" : "row wrap";
      reset.hidden = !many;
      count.className = many ? "" : "mut push";
      count.textContent = many ? label.replace("{count}", many) : said;
      count.classList.toggle("push", true);
    };
    form.addEventListener("input", tell);
    form.addEventListener("reset", () => setTimeout(tell));
    tell();
  }

  const menus = () => document.querySelectorAll("details.menu[open]");
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      for (const menu of menus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    const open = event.target.closest("details.menu[open]");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      // The menu's own button stands before the first link and after the last one.
      const stops = [...open.querySelectorAll("summary, .pop a")];
      stops[(stops.indexOf(event.target) + step + stops.length) % stops.length].focus();
    }
    const find = document.querySelector(".top .find input");
    const asks = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (find && (asks || (event.key === "k" && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      find.focus();
    }
  });
  addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  const done = document.getElementById("done");
  if (done) {
    const go = () => (done.contains(document.activeElement) ? setTimeout(go, 2000) : done.remove());
    setTimeout(go, 6000);
    history.replaceState(null, "", location.pathname + location.search.replace(/([?&])done=[^&]*&?/, "$1").replace(/[?&]$/, "") + location.hash);
  }
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  document.querySelector("[aria-invalid=true]")?.focus();
})();
