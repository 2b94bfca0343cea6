"""On behalf of, from end to end."""
from tests.entra import *
async def test_it():
    t=await entra_tenant()
    tok=await token_a(t)
    print(await claims(t,tok))
    r=await exchanged(t,tok)
    print(r); print(await claims(t,r["access_token"]))
    r=await exchanged(t,tok,scope="https://graph.microsoft.com/user.read offline_access openid profile", client_info="1")
    print(r); print(await claims(t,r["access_token"])); print(await claims(t,r["id_token"]))
    print(await no(t,posted(on_behalf(tok,scope="api://b/write"))))
