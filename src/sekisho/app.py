"""The one list of URLs."""

from sekisho.oauth import authorize, discovery, introspect, par, revoke, token, userinfo
from sekisho.oauth.says import says as oauth_says
from sekisho.oauth.says import says_to_bearers as bearer_says
from sekisho.pages import logout
from sekisho.pages.says import says as page_says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.web import rows
from sekisho.web.route import Route, Routes
from sekisho.web.sites import with_pages

# fmt: off
PROTOCOL = (
    Route(method="POST", path="/oauth/token", endpoint=token.token, says=oauth_says,
          names_itself="token_endpoint", cors="clients", reads="form", limit="token"),
    Route(method="GET", path="/authorize", endpoint=authorize.authorize, says=page_says,
          names_itself="authorization_endpoint"),
    Route(method="POST", path="/authorize", endpoint=authorize.authorize, says=page_says, reads="form"),
    Route(method="GET", path="/authorize/resume", endpoint=authorize.resume, says=page_says),
    Route(method="POST", path="/oauth/par", endpoint=par.push, says=oauth_says,
          names_itself="pushed_authorization_request_endpoint", cors="clients", reads="form", limit="token"),
    Route(method="GET", path="/userinfo", endpoint=userinfo.userinfo, says=bearer_says,
          names_itself="userinfo_endpoint", cors="clients"),
    Route(method="POST", path="/userinfo", endpoint=userinfo.userinfo, says=bearer_says, cors="clients",
          reads="form"),
    Route(method="POST", path="/oauth/introspect", endpoint=introspect.introspect, says=oauth_says,
          names_itself="introspection_endpoint", reads="form", limit="token"),
    Route(method="POST", path="/oauth/revoke", endpoint=revoke.revoke, says=oauth_says,
          names_itself="revocation_endpoint", cors="clients", reads="form", limit="token"),
    Route(method="GET", path="/oidc/logout", endpoint=logout.logout, says=page_says,
          names_itself="end_session_endpoint"),
    Route(method="POST", path="/oidc/logout", endpoint=logout.logout, says=page_says, reads="form"),
    Route(method="GET", path="/.well-known/jwks.json", endpoint=discovery.key_set, says=oauth_says,
          names_itself="jwks_uri", cors="any"),
)
# fmt: on
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


def urls(*, development: bool = False) -> Routes:
    """The one list of URLs; the metadata advertises the protocol's rows that name themselves."""
    describe = discovery.describing({row.names_itself: row.path for row in PROTOCOL})
    metadata = (
        Route(method="GET", path=path, endpoint=describe, says=oauth_says, cors="any") for path in METADATA
    )
    faces, people = rows.of_faces(development=development), rows.of_pages(development=development)
    return Routes(with_pages((*PROTOCOL, *metadata, *rows.of_management(), *faces, *people), lost))


def lost(refused: Refused, ask: Ask) -> Answer:
    """Who finds nothing, or cannot be understood, is told so in the words of the place that was asked."""
    # The path may not have been taken apart yet: a tenant's own prefix may stand before it.
    return next((says for part, says in rows.VOICES if part in ask.path), page_says)(refused, ask)
