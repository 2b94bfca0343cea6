document.getElementById("in-address").addEventListener("click", leaveForToken);
document.getElementById("in-page").addEventListener("click", async () => {
  try {
    const token = await tokenInPage();
    if (token) show(await callApi(token));
  } catch (error) {
    show(error.message);
  }
});
