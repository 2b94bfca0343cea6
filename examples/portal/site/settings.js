// What this portal is told: its client, the page that answers with a token come back to, and where the API is.
const SETTINGS = {
  client: "example-portal",
  landing: `${location.origin}/landing.html`,
  api: "http://localhost:8001",
};
