"""User tokens by OAuth, with the SDK's helpers."""

import base64
import hashlib
import unittest

import lark_oapi as lark
from bot import desk_option
from browser import log_in
from deskwire import ENCRYPTED, OWNER, PLAIN, PLAIN_DESK, TENANT, Case, server
from lark_oapi.api.authen.v1 import *
from lark_oapi.api.helpdesk.v1 import *
from lark_oapi.core.exception import AccessTokenException
from typed import mismatches

[CALLBACK] = PLAIN["redirect_urls"]
ADA = TENANT["users"][0]
ALL = "helpdesk:all helpdesk:all:readonly contact:user.email:readonly offline_access"
VERIFIER = "a-verifier-of-at-least-forty-three-characters~"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def oauth_client(app=PLAIN):
    builder = lark.Client.builder().app_id(app["app_id"]).app_secret(app["app_secret"])
    return builder.domain(server().url).oauth_base_url(server().url).enable_set_token(True).build()


def authorised(scope=ALL, **more):
    """The code that the app is told when Ada has logged in."""
    question = {"client_id": PLAIN["app_id"], "response_type": "code", "redirect_uri": CALLBACK, "state": "s 1&é"}
    told = log_in({**question, "scope": scope, **more}, email=ADA["email"], password=ADA["password"], decision="allow")
    assert told["state"] == "s 1&é", told
    return told["code"]


class OAuth(Case):
    def create_faq(self, token):
        faq = FaqCreateInfo.builder().question("Does it work?").answer("Yes.").build()
        body = CreateFaqRequestBody.builder().faq(faq).build()
        request = CreateFaqRequest.builder().request_body(body).build()
        option = desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], token)
        return oauth_client().helpdesk.v1.faq.create(request, option)

    def refused(self, code, call, *args, **kwargs):
        with self.assertRaises(AccessTokenException) as raised:
            call(*args, **kwargs)
        self.assertEqual((raised.exception.status_code, raised.exception.code), (400, code), raised.exception)
        self.assertTrue(raised.exception.error and raised.exception.error_description)

    def test_code_with_pkce_refresh_and_user_info(self):
        tokens = oauth_client().access_token
        code = authorised(code_challenge=CHALLENGE, code_challenge_method="S256")
        self.refused(20049, tokens.retrieve_by_authorization_code, code, CALLBACK)
        first = tokens.retrieve_by_authorization_code(code, CALLBACK, VERIFIER)
        self.assertEqual((first.token_type, first.expires_in, first.scope), ("Bearer", 7200, ALL))
        self.assertEqual(first.refresh_token_expires_in, 604800)
        self.assertTrue(self.create_faq(first.access_token).success())
        self.refused(20065, tokens.retrieve_by_authorization_code, code, CALLBACK, VERIFIER)

        second = tokens.refresh(first.refresh_token, scope="helpdesk:all:readonly")
        self.assertEqual(second.scope, "helpdesk:all:readonly")
        answer = self.create_faq(second.access_token)
        self.assertEqual((answer.raw.status_code, answer.code), (400, 99991679))
        violation = {"type": "action_privilege_required", "subject": "helpdesk:all"}
        self.assertEqual(answer.error["permission_violations"], [violation])

        third = tokens.refresh(second.refresh_token)
        option = lark.RequestOption.builder().user_access_token(third.access_token).build()
        answer = oauth_client().authen.v1.user_info.get(GetUserInfoRequest.builder().build(), option)
        self.assertTrue(answer.success(), answer.msg)
        self.assertEqual(mismatches(answer, type(answer)), [])
        info = answer.data
        self.assertEqual((info.name, info.open_id, info.email), (ADA["name"], OWNER, ADA["email"]))
        self.assertEqual((info.tenant_key, info.user_id), (TENANT["key"], None))

        self.refused(20073, tokens.refresh, first.refresh_token)
        self.refused(20064, tokens.refresh, third.refresh_token)

    def test_the_older_pair(self):
        api = oauth_client().authen.v1
        body = CreateOidcAccessTokenRequestBody.builder().grant_type("authorization_code").code(authorised()).build()
        request = CreateOidcAccessTokenRequest.builder().request_body(body).build()
        answer = api.oidc_access_token.create(request)
        self.assertTrue(answer.success(), (answer.code, answer.msg))
        self.assertEqual(mismatches(answer, type(answer)), [])
        first = answer.data
        self.assertEqual((first.token_type, first.expires_in, first.refresh_expires_in), ("Bearer", 7200, 2592000))
        self.assertEqual(first.scope, ALL)
        self.assertTrue(self.create_faq(first.access_token).success())
        again = api.oidc_access_token.create(request)
        self.assertEqual((again.raw.status_code, again.code), (400, 20065))

        refresh = CreateOidcRefreshAccessTokenRequestBody.builder()
        refresh = refresh.grant_type("refresh_token").refresh_token(first.refresh_token).build()
        request = CreateOidcRefreshAccessTokenRequest.builder().request_body(refresh).build()
        answer = api.oidc_refresh_access_token.create(request)
        self.assertTrue(answer.success(), (answer.code, answer.msg))
        self.assertEqual(mismatches(answer, type(answer)), [])
        self.assertNotEqual(answer.data.refresh_token, first.refresh_token)
        self.assertTrue(self.create_faq(answer.data.access_token).success())

    def test_what_is_refused(self):
        code = authorised("helpdesk:all")
        self.refused(20003, oauth_client().access_token.retrieve_by_authorization_code, "nothing")
        self.refused(20024, oauth_client(ENCRYPTED).access_token.retrieve_by_authorization_code, code)
        self.refused(20071, oauth_client().access_token.retrieve_by_authorization_code, code, "http://127.0.0.1/")
        self.refused(20068, oauth_client().access_token.retrieve_by_authorization_code, code, scope="offline_access")
        wrong = oauth_client({**PLAIN, "app_secret": "wrong"})
        self.refused(20002, wrong.access_token.retrieve_by_authorization_code, code)
        got = oauth_client().access_token.retrieve_by_authorization_code(code)
        self.assertEqual((got.refresh_token, got.refresh_token_expires_in), (None, None))

    def test_deny(self):
        question = {"client_id": PLAIN["app_id"], "redirect_uri": CALLBACK, "scope": ALL, "state": "s"}
        self.assertEqual(log_in(question, decision="deny"), {"error": "access_denied", "state": "s"})


if __name__ == "__main__":
    unittest.main()
