// POST /_services/auth/token: the page stays, and the answer is the token itself.
async function tokenInPage() {
  const answer = await fetch(`/_services/auth/token?client_id=${encodeURIComponent(SETTINGS.client)}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-Requested-With": "XMLHttpRequest" },
  });
  // Nobody is signed in: that is told in a header, with status 200.
  if (answer.headers.has("X-Responded-JSON")) {
    location.assign(`/SignIn?returnUrl=${encodeURIComponent(location.href)}`);
    return null;
  }
  if (!answer.ok) {
    const { ErrorId, ErrorMessage, CorrelationId } = await answer.json();
    throw new Error(`${ErrorId}: ${ErrorMessage} (${CorrelationId})`);
  }
  return answer.text();
}
