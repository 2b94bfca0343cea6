(async () => {
  try {
    show(await callApi(tokenInAddress()));
  } catch (error) {
    show(error.message);
  }
})();
