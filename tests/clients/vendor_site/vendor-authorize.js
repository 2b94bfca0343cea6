// The way by the address, as the vendor's documentation describes it: the state is the name of a cookie, is sent as it
// is, with @ and $ in it, and is taken out of the fragment without being decoded.
var portal = {
  clientId: "example-portal",
  landing: location.origin + "/vendor.html",

  go: function () {
    var state = "my@pp$tate" + String(Date.now()).slice(-8);
    document.cookie = state + "=asked;path=/";
    location.href =
      "/_services/auth/authorize?client_id=" + encodeURIComponent(this.clientId) +
      "&redirect_uri=" + encodeURIComponent(this.landing) +
      "&state=" + state;
  },

  landed: function () {
    var found = {};
    location.hash.substring(1).split("&").forEach(function (part) {
      var pieces = part.split("=");
      if (pieces[1]) found[pieces[0]] = pieces[1];
    });
    var isAsked = document.cookie.split("; ").some(function (each) {
      return found.state && each.indexOf(found.state + "=") === 0;
    });
    return isAsked ? found : null;
  },
};
