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

/** Who came back from the server, was here before, or is signed in at the server already. */
async function person() {
  const back = await client.handleRedirectPromise();
  const account = back?.account ?? client.getAllAccounts()[0];
  if (account) return account;
  try {
    return (await client.ssoSilent(request)).account;
  } catch (error) {
    if (error instanceof msal.InteractionRequiredAuthError) return null;
    throw error;
  }
}

/** What the API says; if it wants to hear more from the person first, the page is left for that. */
async function overview() {
  try {
    const { accessToken } = await client.acquireTokenSilent(request);
    const answer = await fetch("/api/overview", { headers: { authorization: `Bearer ${accessToken}` } });
    const said = await answer.json();
    if (answer.status !== 403) return said;
    await client.acquireTokenRedirect({ ...request, prompt: "consent", claims: said.claims ?? undefined });
  } catch (error) {
    if (!(error instanceof msal.InteractionRequiredAuthError)) throw error;
    await client.acquireTokenRedirect(request);
  }
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

on("sign-in", () => client.loginRedirect(request));
on("sign-out", () => client.logoutRedirect());
on("ask", async () => {
  document.getElementById("said").textContent = JSON.stringify(await overview(), null, 2);
});

await client.initialize();
await person().then(show, complain);
