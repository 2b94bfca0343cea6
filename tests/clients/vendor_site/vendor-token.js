// The way in the page, as the vendor's documentation describes it, by jQuery: a POST without a body. Whoever is not
// signed in is told by a header of a good answer; an error has ErrorId and ErrorMessage.
window.auth = {
  clientId: "example-portal",
  leadsToSignIn: true,

  getAuthenticationToken: function (callback) {
    var auth = this;
    $.ajax({
      type: "POST",
      url: "/_services/auth/token?client_id=" + encodeURIComponent(auth.clientId),
      cache: false,
      success: function (data, text, answer) {
        var responded = answer.getResponseHeader("X-Responded-JSON");
        var told = responded && JSON.parse(responded);
        if (told && told.status === 401) {
          if (auth.leadsToSignIn) location.href = "/SignIn?returnUrl=" + encodeURIComponent(location.href);
          else callback(told);
          return;
        }
        callback(data);
      },
      error: function (answer) {
        if (answer.status === 401) callback(null, "Sign in first");
        else callback(null, answer.responseJSON.ErrorId + " " + answer.responseJSON.ErrorMessage);
      },
    });
  },
};
