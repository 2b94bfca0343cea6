// The demo application: a public client, all of it in this tab. The words are on the page already.
(() => {
  const place = document.getElementById("main").dataset;
  const language = document.documentElement.lang;
  const name = `sekisho-demo ${place.client}`;
  const kept = { story: {}, ...JSON.parse(sessionStorage.getItem(name) || "{}") };
  const keep = (changes) => {
    Object.assign(kept, changes);
    sessionStorage.setItem(name, JSON.stringify(kept));
  };

  class Problem extends Error {
    constructor(kind, step, code = "", description = "") {
      super(kind);
      Object.assign(this, { kind, step, code, description });
    }
  }

  // RFC 7636 section 4, RFC 7515 section 2
  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const object = (text) => JSON.parse(new TextDecoder().decode(bytes(text)));
  const utf8 = (text) => new TextEncoder().encode(text);
  const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
  const short = (text) => (text.length > 24 ? `${text.slice(0, 8)}… (${text.length})` : text);

  const send = async (step, path, options = {}) => {
    let answer;
    try {
      answer = await fetch(place.issuer + path, { cache: "no-store", credentials: "omit", ...options });
    } catch {
      throw new Problem("unreachable", step);
    }
    const body = await answer.json().catch(() => ({}));
    return { status: answer.status, ok: answer.ok, body };
  };
  const post = (step, path, form) => send(step, path, { method: "POST", body: new URLSearchParams(form) });
  const bearing = (step, path, method = "GET") =>
    send(step, path, { method, headers: { authorization: `Bearer ${kept.session.access_token}` } });
  const refused = (step, { body }, kind = "refused") => new Problem(kind, step, body.error, body.error_description);

  // What happened at a step, with what can be shown of it. No secret is shown: only how it begins.
  const tell = (step, outcome, facts, status = "") => {
    keep({ story: { ...kept.story, [step]: { outcome, facts, status } } });
    draw();
    const item = document.querySelector(`[data-step="${step}"]`);
    document.getElementById("said").textContent = `${item.querySelector("h3").textContent} ${status}`;
  };

  const begin = async () => {
    if (!crypto.subtle) throw new Problem("insecure", "make");
    const [verifier, state, nonce] = [random(), random(), random()];
    const challenge = base64url(await crypto.subtle.digest("SHA-256", utf8(verifier)));
    keep({ story: {}, session: null, pending: { verifier, state, nonce } });
    tell("make", "pass", { code_verifier: short(verifier), code_challenge: challenge, state: short(state), nonce: short(nonce) });
    const asked = {
      client_id: place.client,
      response_type: "code",
      redirect_uri: place.page,
      scope: place.scope,
      audience: place.audience,
      code_challenge: challenge,
      code_challenge_method: "S256",
      state,
      nonce,
      ui_locales: language,
      login_hint: place.hint,
    };
    const pushed = await post("par", "oauth/par", asked);
    if (!pushed.ok) throw refused("par", pushed);
    const { request_uri, expires_in } = pushed.body;
    const shown = { ...asked, state: short(state), nonce: short(nonce), code_challenge: short(challenge) };
    tell("par", "pass", { ...shown, request_uri, expires_in }, pushed.status);
    // The page that is come back to speaks this language, too.
    document.cookie = `lang=${language};path=/;max-age=31536000;samesite=lax`;
    location.assign(`${place.issuer}authorize?${new URLSearchParams({ client_id: place.client, request_uri })}`);
  };

  const arrive = async (query, pending) => {
    if (!pending?.verifier || query.get("state") !== pending.state) throw new Problem("stranger", "back");
    // RFC 9207 section 2.4: before anything else of the answer is used
    if (query.get("iss") !== place.issuer) throw new Problem("issuer", "back", "iss", query.get("iss") || "");
    tell("authorize", "pass", { client_id: place.client, request_uri: kept.story.par?.facts.request_uri });
    const denied = query.get("error");
    if (denied) {
      throw new Problem(denied === "access_denied" ? "denied" : "refused", "back", denied, query.get("error_description") || "");
    }
    tell("back", "pass", { code: short(query.get("code")), state: `${short(pending.state)} ✓`, iss: `${place.issuer} ✓` });
    const given = await post("redeem", "oauth/token", {
      grant_type: "authorization_code",
      client_id: place.client,
      code: query.get("code"),
      redirect_uri: place.page,
      code_verifier: pending.verifier,
    });
    if (!given.ok) throw refused("redeem", given);
    tell("redeem", "pass", tokens(given.body), given.status);
    const claims = await checked(given.body.id_token, pending.nonce);
    keep({ session: { ...given.body, claims } });
    draw();
  };

  const tokens = ({ access_token, id_token, refresh_token, token_type, expires_in, scope }) => ({
    access_token: short(access_token),
    ...(id_token && { id_token: short(id_token) }),
    ...(refresh_token && { refresh_token: short(refresh_token) }),
    token_type,
    expires_in: `${expires_in} s`,
    scope,
  });

  // OpenID Connect Core 1.0 section 3.1.3.7
  const checked = async (token, nonce) => {
    const [head, body, signature] = token.split(".");
    const [header, claims] = [object(head), object(body)];
    const published = await send("check", ".well-known/jwks.json");
    if (!published.ok) throw refused("check", published);
    const jwk = published.body.keys.find((each) => each.kid === header.kid && each.kty === "RSA");
    if (!jwk || header.alg !== "RS256") throw new Problem("token", "check", "alg");
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("jwk", { kty: jwk.kty, n: jwk.n, e: jwk.e }, rsa, false, ["verify"]);
    const held = {
      signature: await crypto.subtle.verify(rsa, key, bytes(signature), utf8(`${head}.${body}`)),
      iss: claims.iss === place.issuer,
      aud: [claims.aud].flat().includes(place.client),
      exp: claims.exp * 1000 > Date.now(),
      nonce: claims.nonce === nonce,
    };
    const wrong = Object.keys(held).find((each) => !held[each]);
    if (wrong) throw new Problem("token", "check", wrong);
    tell("check", "pass", Object.fromEntries(Object.keys(held).map((each) => [each, each === "signature" ? "RS256 ✓" : `${short(String(claims[each]))} ✓`])));
    return claims;
  };

  const actions = {
    begin,
    call: async () => {
      const answer = await bearing("call", "demo/api/journeys");
      if (!answer.ok) throw refused("call", answer, answer.status === 401 ? "expired" : "refused");
      keep({ answer: answer.body });
      tell("call", "pass", { authorization: `Bearer ${short(kept.session.access_token)}` }, answer.status);
    },
    ask: async () => {
      const answer = await bearing("ask", "userinfo");
      if (!answer.ok) throw refused("ask", answer, answer.status === 401 ? "expired" : "refused");
      tell("ask", "pass", answer.body, answer.status);
    },
    refresh: async () => {
      const { refresh_token } = kept.session;
      const answer = await post("refresh", "oauth/token", { grant_type: "refresh_token", client_id: place.client, refresh_token });
      if (!answer.ok) throw refused("refresh", answer, answer.body.error === "invalid_grant" ? "ended" : "refused");
      keep({ session: { ...kept.session, ...answer.body } });
      tell("refresh", "pass", tokens(answer.body), answer.status);
    },
    exceed: async () => {
      const answer = await bearing("exceed", "demo/api/journeys", "POST");
      if (answer.status === 401) throw refused("exceed", answer, "expired");
      tell("exceed", answer.ok ? "pass" : "stop", { ...answer.body }, answer.status);
    },
  };

  // By a form: a hint in the address would end up in logs and in the history. What is known of the person goes.
  const leave = (form) => {
    const state = random();
    form.elements.id_token_hint.value = kept.session.id_token;
    form.elements.state.value = state;
    const { ask, ...story } = kept.story;
    keep({ session: null, answer: null, story, pending: { leaving: state } });
  };

  const facts = (list, told) => {
    const item = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
    list.replaceChildren(
      ...Object.entries(told).flatMap(([key, value]) => {
        const [term, said] = [document.createElement("dt"), document.createElement("dd")];
        term.append(item("code", key));
        said.append(item("code", typeof value === "object" ? JSON.stringify(value) : String(value)));
        return [term, said];
      }),
    );
  };

  const MOMENTS = ["auth_time", "exp", "iat", "updated_at"];
  const CLOCK =
    language === "ja"
      ? new Intl.DateTimeFormat("ja", { dateStyle: "long", timeStyle: "long" })
      : new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
  const readable = (claims) =>
    Object.fromEntries(
      Object.entries(claims).map(([key, value]) => [
        key,
        MOMENTS.includes(key) ? `${value} · ${CLOCK.format(value * 1000)}` : value,
      ]),
    );

  const draw = () => {
    const claims = kept.session?.claims;
    for (const part of document.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "in") !== Boolean(claims);
    for (const item of document.querySelectorAll("[data-step]")) drawStep(item, kept.story[item.dataset.step]);
    document.getElementById("answers").hidden = !kept.answer;
    document.getElementById("answer").textContent = JSON.stringify(kept.answer, null, 2);
    if (!claims) return;
    document.getElementById("name").textContent = claims.name || claims.sub;
    document.getElementById("email").textContent = claims.email || "";
    document.getElementById("letter").textContent = [...(claims.name || claims.sub)][0].toUpperCase();
    facts(document.getElementById("claims"), readable(claims));
  };

  const drawStep = (item, happened) => {
    const [drawing, badge, details] = ["svg", "[data-badge]", "details"].map((part) => item.querySelector(part));
    const outcome = happened?.outcome || "wait";
    drawing.setAttribute("class", `i ${{ pass: "ok", stop: "bad", wait: "mut" }[outcome]}`);
    drawing.querySelector("use").setAttribute("href", `#i-${outcome}`);
    details.hidden = !happened || !Object.keys(happened.facts).length;
    facts(details.querySelector("dl"), happened?.facts || {});
    if (!badge) return;
    badge.hidden = !happened?.status;
    badge.className = `badge ${outcome === "stop" ? "bad" : "ok"}`;
    badge.textContent = happened?.status || "";
  };

  const complain = (problem) => {
    const { kind, step, code, description } = problem instanceof Problem ? problem : new Problem("refused", "", "script", String(problem));
    if (kind === "ended") keep({ session: null, answer: null });
    if (step) tell(step, "stop", code ? { error: code, error_description: description } : {}, code);
    const note = document.getElementById("problem");
    for (const text of note.querySelectorAll("[data-problem]")) text.hidden = text.dataset.problem !== kind;
    document.getElementById("reason").hidden = !code;
    document.getElementById("error-code").textContent = code || "";
    document.getElementById("error-description").textContent = description || "";
    note.hidden = false;
    note.focus();
  };

  const doing = async (button, act) => {
    document.getElementById("problem").hidden = true;
    document.getElementById("signed-out").hidden = true;
    button?.setAttribute("aria-busy", "true");
    try {
      await act();
    } catch (problem) {
      complain(problem);
    } finally {
      button?.removeAttribute("aria-busy");
    }
  };

  document.getElementById("no-script").hidden = true;
  document.getElementById("begin").hidden = false;
  for (const [id, act] of Object.entries(actions)) {
    const button = document.getElementById(id);
    button.addEventListener("click", () => button.ariaBusy || doing(button, act));
  }
  document.getElementById("leave").addEventListener("submit", ({ target }) => leave(target));

  const query = new URLSearchParams(location.search);
  const { pending } = kept;
  if (query.has("state")) {
    // A code is good once, and an address is kept in the history.
    history.replaceState(null, "", location.pathname);
    keep({ pending: null });
  }
  draw();
  if (pending?.leaving && query.get("state") === pending.leaving) {
    tell("leave-by", "pass", { post_logout_redirect_uri: place.page, state: `${short(pending.leaving)} ✓` });
    document.getElementById("signed-out").hidden = false;
  } else if (query.has("state")) {
    doing(null, () => arrive(query, pending));
  }
})();
