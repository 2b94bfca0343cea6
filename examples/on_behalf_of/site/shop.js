import { api, authority, page } from "./settings.js";

// `.default` is all that the page is registered for. Nobody is asked twice: the API knows this page, so that
// the question is about what the API needs further on, too.
const request = { scopes: [`${api}/.default`] };

const client = new msal.PublicClientApplication({
  auth: {
    clientId: page,
    authority,
    knownAuthorities: [new URL(authority).host],
    redirectUri: "/on_behalf_of/redirect.html",
    postLogoutRedirectUri: "/on_behalf_of/",
  },
});

// What the page says to itself when it leaves in the middle of something.
const again = "ask again";

/** Who came back from the server, was here before, or is signed in at the server already. */
async function person(back) {
  const account = back?.account ?? client.getAllAccounts()[0];
  if (account) return account;
  try {
    return (await client.ssoSilent(request)).account;
  } catch (error) {
    if (error instanceof msal.InteractionRequiredAuthError) return null;
    throw error;
  }
}

/** What the API says; if the server has to ask the person first, the page is left for that, once. */
async function overview(isBack) {
  try {
    const { accessToken } = await client.acquireTokenSilent(request);
    const answer = await fetch("/api/overview", { headers: { authorization: `Bearer ${accessToken}` } });
    const said = await answer.json();
    const question = questionOf(said);
    if (isBack || !question) return said;
    await client.acquireTokenRedirect({ ...request, ...question, state: again });
  } catch (error) {
    if (isBack || !(error instanceof msal.InteractionRequiredAuthError)) throw error;
    await client.acquireTokenRedirect({ ...request, claims: error.claims || undefined, state: again });
  }
}

/** What the person has to show: the claims go to the server as they came. Or what they have to agree to. */
function questionOf({ error, claims }) {
  if (claims) return { claims };
  return error === "consent_required" ? { prompt: "consent" } : null;
}

function show(account) {
  client.setActiveAccount(account);
  document.getElementById("who").textContent = account ? account.name : "Nobody is signed in.";
  document.getElementById("sign-in").hidden = Boolean(account);
  document.getElementById("ask").hidden = document.getElementById("sign-out").hidden = !account;
}

function on(id, action) {
  document.getElementById(id).addEventListener("click", () => action().catch(complain));
}

function complain(error) {
  document.getElementById("said").textContent = error.message;
}

async function ask(isBack) {
  document.getElementById("said").textContent = JSON.stringify(await overview(isBack), null, 2);
}

on("sign-in", () => client.loginRedirect(request));
on("sign-out", () => client.logoutRedirect());
on("ask", () => ask(false));

await client.initialize();
const back = await client.handleRedirectPromise().catch(complain);
await person(back).then(show, complain);
if (back?.state === again) await ask(true).catch(complain);
