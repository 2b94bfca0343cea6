// Says the answer to whoever opened this window, or has it in a frame: to the one origin that it is for.
(() => {
  const { origin, response } = JSON.parse(document.getElementById("answer").textContent);
  const target = window.opener || (window.parent !== window ? window.parent : null);
  target?.postMessage({ type: "authorization_response", response }, origin);
})();
