// The API is at another origin, so browsers ask it first whether this page may send it a token.
async function callApi(token) {
  const answer = await fetch(`${SETTINGS.api}/api/external/whoami`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
}

function show(what) {
  document.getElementById("said").textContent = typeof what === "string" ? what : JSON.stringify(what, null, 2);
}
