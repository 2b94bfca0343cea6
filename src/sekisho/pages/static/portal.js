// A page of a portal: it has no secret, and keeps its token in memory alone. The words are on the page already.
(() => {
  const place = document.getElementById("main").dataset;
  const language = document.documentElement.lang;
  const name = `sekisho-portal ${place.client}`;
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);

  class Problem extends Error {
    constructor(kind, step, code = "", description = "") {
      super(kind);
      Object.assign(this, { kind, step, code, description });
    }
  }

  // RFC 7515 section 2; state and nonce have at most 20 characters.
  const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const object = (text) => JSON.parse(new TextDecoder().decode(bytes(text)));
  const random = () => base64url(crypto.getRandomValues(new Uint8Array(15)));
  const short = (text) => (text.length > 24 ? `${text.slice(0, 8)}… (${text.length})` : text);

  const send = async (step, path, options = {}) => {
    try {
      return await fetch(place.root + path, { cache: "no-store", ...options });
    } catch {
      throw new Problem("unreachable", step);
    }
  };
  const documentOf = async (answer) => answer.json().catch(() => ({}));

  const tell = (step, outcome, facts, status = "") => {
    const item = find(`[data-step="${step}"]`);
    const [drawing, badge, details] = ["svg", "[data-badge]", "details"].map((part) => item.querySelector(part));
    drawing.setAttribute("class", `i ${outcome === "stop" ? "bad" : "ok"}`);
    drawing.querySelector("use").setAttribute("href", `#i-${outcome}`);
    details.hidden = !Object.keys(facts).length;
    list(details.querySelector("dl"), facts);
    badge.hidden = !status;
    badge.className = `badge ${outcome === "stop" ? "bad" : "ok"}`;
    badge.textContent = status;
    find("#said").textContent = `${item.querySelector("h3").textContent} ${status}`;
  };

  const list = (where, told) => {
    const item = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
    where.replaceChildren(
      ...Object.entries(told).flatMap(([key, value]) => {
        const [term, said] = [document.createElement("dt"), document.createElement("dd")];
        term.append(item("code", key));
        said.append(item("code", String(value)));
        return [term, said];
      }),
    );
  };

  // A script that is not signed in is told so in a header, with a good status.
  const signedIn = (step, answer) => {
    const told = answer.headers.get("x-responded-json");
    if (told) throw new Problem("gone", step, "X-Responded-JSON", told);
  };
  const ask = (step, asked) =>
    send(step, `_services/auth/token?${new URLSearchParams(asked)}`, {
      method: "POST",
      headers: { "x-requested-with": "XMLHttpRequest" },
    });

  const get = async () => {
    const asked = { client_id: place.client, redirect_uri: place.page, state: random(), nonce: random() };
    const answer = await ask("get", asked);
    signedIn("get", answer);
    if (!answer.ok) {
      const { ErrorId, ErrorMessage } = await documentOf(answer);
      throw new Problem("refused", "get", ErrorId, ErrorMessage);
    }
    const text = await answer.text();
    const [state, lifetime] = ["state", "expires_in"].map((each) => answer.headers.get(each));
    tell("get", "pass", { ...asked, "→ state": state, "→ expires_in": `${lifetime} s`, "→": short(text) }, answer.status);
    if (state !== asked.state) throw new Problem("stranger", "get");
    await take(text, asked.nonce, lifetime);
  };

  const go = async () => {
    const asked = { client_id: place.client, redirect_uri: place.page, state: random(), nonce: random() };
    sessionStorage.setItem(name, JSON.stringify(asked));
    location.assign(`${place.root}_services/auth/authorize?${new URLSearchParams(asked)}`);
  };

  // The fragment is gone from the address bar before anything is done with it: addresses are kept in the history.
  const arrive = async (fragment) => {
    const asked = JSON.parse(sessionStorage.getItem(name) || "{}");
    sessionStorage.removeItem(name);
    const [state, lifetime, text] = ["state", "expires_in", "token"].map((each) => fragment.get(each));
    if (!asked.state || state !== asked.state) throw new Problem("stranger", "go");
    tell("go", "pass", { ...asked, "→ #state": state, "→ #expires_in": `${lifetime} s`, "→ #token": short(text) }, 302);
    await take(text, asked.nonce, lifetime);
  };

  // What an API does that knows the portal's key, its name, and its own.
  const take = async (text, nonce, lifetime) => {
    const [head, body, signature] = text.split(".");
    const [header, claims] = [object(head), object(body)];
    const answer = await send("check", "_services/auth/publickey");
    if (!answer.ok) throw new Problem("token", "check", "publickey");
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const pem = (await answer.text()).replaceAll(/-----[^-]+-----|\s/g, "");
    const key = await crypto.subtle.importKey("spki", bytes(pem), rsa, false, ["verify"]);
    const now = Date.now() / 1000;
    const held = {
      signature: header.alg === "RS256" && (await crypto.subtle.verify(rsa, key, bytes(signature), new TextEncoder().encode(`${head}.${body}`))),
      iss: claims.iss === place.host,
      aud: claims.aud === place.client,
      exp: claims.nbf <= now + 5 && claims.exp > now,
      nonce: claims.nonce === nonce,
      expires_in: String(claims.exp - claims.nbf) === lifetime,
    };
    const wrong = Object.keys(held).find((each) => !held[each]);
    if (wrong) throw new Problem("token", "check", wrong, String(claims[wrong] ?? ""));
    tell("check", "pass", { alg: header.alg, iss: claims.iss, aud: claims.aud, exp: claims.exp, nonce: claims.nonce }, answer.status);
    keep(text, claims);
  };

  let token = "";
  let ends = 0;
  const keep = (text, claims) => {
    token = text;
    const parts = find("#token").querySelectorAll("span");
    const [head, body] = text.split(".");
    parts[0].textContent = head;
    parts[1].textContent = body;
    parts[2].textContent = "•".repeat(12);
    for (const part of all("[data-claim]")) {
      part.hidden = !(part.dataset.claim in claims);
      const where = part.matches("dd") && part.querySelector("code");
      if (where) where.textContent = readable(part.dataset.claim, claims[part.dataset.claim]);
    }
    clearTimeout(ends);
    lives(claims.exp * 1000);
    for (const id of ["#answers", "#errors"]) find(id).hidden = true;
    draw();
  };

  const CLOCK =
    language === "ja"
      ? new Intl.DateTimeFormat("ja", { dateStyle: "long", timeStyle: "long" })
      : new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
  const HOUR = new Intl.DateTimeFormat(language === "ja" ? "ja" : "en-GB", { timeStyle: "long" });
  const AWAY = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const away = (at) => {
    const seconds = Math.round(at - Date.now() / 1000);
    const said = Math.abs(seconds) < 60 ? AWAY.format(seconds, "second") : AWAY.format(Math.round(seconds / 60), "minute");
    return said.replaceAll(" ", "\u00a0");
  };
  const readable = (claim, value) => {
    if (["iat", "nbf", "exp"].includes(claim)) return `${value} · ${CLOCK.format(value * 1000)} · ${away(value)}`;
    return typeof value === "string" ? value || '""' : JSON.stringify(value);
  };

  // Said once, and once more when it is over: nothing counts down.
  const lives = (until) => {
    const [badge, left] = [find("#life"), until - Date.now()];
    badge.className = `badge ${left > 0 ? "ok" : "bad"}`;
    badge.textContent = (left > 0 ? place.until : place.ended).replace("{at}", HOUR.format(until));
    if (left > 0) ends = setTimeout(lives, left + 500, until);
  };

  const actions = {
    get,
    go,
    call: async () => {
      const answer = await send("call", "portal/api/whoami", { credentials: "omit", headers: { authorization: `Bearer ${token}` } });
      const told = await documentOf(answer);
      if (!answer.ok) throw new Problem("call", "call", told.error, told.error_description);
      tell("call", "pass", { authorization: `Bearer ${short(token)}` }, answer.status);
      find("#answer").textContent = JSON.stringify(told, null, 2);
      find("#answers").hidden = false;
    },
    fail: async () => {
      const answer = await ask("fail", { client_id: "nobody" });
      signedIn("fail", answer);
      const told = await documentOf(answer);
      for (const part of all("[data-member]")) part.textContent = told[part.dataset.member] ?? "";
      find("#errors").hidden = false;
      tell("fail", "stop", { client_id: "nobody" }, answer.status);
    },
  };

  const draw = () => {
    const is = { in: "in" in place, always: true, token: Boolean(token), none: !token };
    for (const part of all("[data-when]")) part.hidden = !is[part.dataset.when];
  };

  const complain = (problem) => {
    const { kind, step, code, description } = problem instanceof Problem ? problem : new Problem("refused", "", "script", String(problem));
    if (step) tell(step, "stop", description ? { [code]: description } : {}, code || "");
    for (const text of all("[data-problem]")) text.hidden = text.dataset.problem !== kind;
    find("#reason").hidden = !code;
    find("#error-code").textContent = code || "";
    find("#error-description").textContent = kind === "gone" ? "" : description || "";
    find("#problem").hidden = false;
    find("#problem").focus();
  };

  const doing = async (button, act) => {
    find("#problem").hidden = true;
    button?.setAttribute("aria-busy", "true");
    try {
      if (!crypto.subtle) throw new Problem("insecure", "check");
      await act();
    } catch (problem) {
      complain(problem);
    } finally {
      button?.removeAttribute("aria-busy");
    }
  };

  find("#no-script").hidden = true;
  for (const [id, act] of Object.entries(actions)) {
    const button = find(`#${id}`);
    button.addEventListener("click", () => button.ariaBusy || doing(button, act));
  }
  draw();
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (fragment.has("token")) {
    history.replaceState(null, "", location.pathname + location.search);
    doing(null, () => arrive(fragment));
  }
})();
