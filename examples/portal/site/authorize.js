// GET /_services/auth/authorize: the page is left, for sign-in if need be, and the landing page gets the token.
const REMEMBERED = "example-portal-state";

function leaveForToken() {
  // At most 20 characters; it ties the answer to this tab.
  const state = crypto.randomUUID().replaceAll("-", "").slice(0, 20);
  sessionStorage.setItem(REMEMBERED, state);
  const asked = new URLSearchParams({ client_id: SETTINGS.client, redirect_uri: SETTINGS.landing, state });
  location.assign(`/_services/auth/authorize?${asked}`);
}

function tokenInAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  // Addresses are kept in the history.
  history.replaceState(null, "", location.pathname);
  const state = sessionStorage.getItem(REMEMBERED);
  sessionStorage.removeItem(REMEMBERED);
  if (!state || told.get("state") !== state) throw new Error("Nobody in this tab asked for this token");
  return told.get("token");
}
