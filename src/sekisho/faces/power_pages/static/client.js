// A page of a portal gets a token about its visitor: window.auth.getAuthenticationToken(callback(data, err)).
//   <script src="/_services/auth/client.js" data-client-id="my-portal-client" data-sign-in="redirect"></script>
// data-client-id: the client that the token is for; without it the token is for nobody in particular.
// data-sign-in="redirect": a visitor who is not signed in is led to the sign-in page and back.
(() => {
  "use strict";
  const { dataset = {}, src = `${location.origin}/_services/auth/client.js` } = document.currentScript || {};
  const address = (path) => new URL(path, src);

  const asked = () => {
    const url = address("token");
    if (dataset.clientId) url.searchParams.set("client_id", dataset.clientId);
    return url;
  };

  const signIn = () => {
    const url = address("../../SignIn");
    // Without the fragment: it may hold a token.
    url.searchParams.set("returnUrl", location.href.split("#")[0]);
    location.assign(url);
  };

  // A script that is not signed in is told so in a header, with a good status.
  const unsigned = (answer) => {
    try {
      return JSON.parse(answer.headers.get("x-responded-json"));
    } catch {
      return { status: 401, headers: {} };
    }
  };

  const get = async () => {
    const answer = await fetch(asked(), {
      method: "POST",
      cache: "no-store",
      credentials: "same-origin",
      headers: { "x-requested-with": "XMLHttpRequest" },
    });
    if (answer.headers.has("x-responded-json")) throw unsigned(answer);
    const text = await answer.text();
    if (answer.ok && text.split(".").length === 3) return text;
    let told = {};
    try {
      told = JSON.parse(text);
    } catch {
      // Whatever stands between this page and the portal has words of its own.
    }
    throw { status: answer.status, ...told };
  };

  // What went wrong has `status`; an error of the portal has ErrorId, ErrorMessage, Timestamp and CorrelationId, too.
  const getAuthenticationToken = async (callback) => {
    let token;
    try {
      token = await get();
    } catch (problem) {
      const error = "status" in problem ? problem : { status: 0, message: String(problem) };
      if (error.status === 401 && dataset.signIn === "redirect") signIn();
      else callback(undefined, error);
      return;
    }
    callback(token);
  };

  window.auth = { ...window.auth, getAuthenticationToken };
})();
