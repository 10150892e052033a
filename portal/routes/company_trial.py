"""A provider tried out by whoever administers the account: what it says of them, and what that would come to."""

from typing import Any

from litestar import Response

from portal.adapters.identity import Said
from portal.db.providers import Provider
from portal.domain.company_sign_in import NotLetIn
from portal.operations import federating
from portal.operations.providing import NEEDS
from portal.routes.asking import asking
from portal.routes.visitor import PageRequest
from portal.views.settings.sign_in import HERE, shown_claims, verdict_words


async def tried(
    request: PageRequest, provider: Provider, said: Said | None = None, problem: str = ""
) -> Response[Any]:
    """The page after a trial. Nothing is changed by it, but that the provider is known to work."""
    asked = await asking(request, needs=NEEDS, is_own=True)
    asked.viewer.need(NEEDS, provider.account)
    verdict, refusal = None, ""
    if said is not None:
        async with asked.work() as work:
            await federating.works(work, provider.account)
        try:
            async with asked.work() as work:
                verdict = await federating.judge(work, provider.account, said.subject, said.claims)
        except NotLetIn as why:
            refusal = why.detail
    return asked.page(
        "settings/sign_in_tried.html",
        section="settings",
        status=200 if said else 422,
        provider=provider,
        claims=shown_claims(said.claims) if said else (),
        verdict=verdict_words(verdict, provider, asked.tongue) if verdict else (),
        refusal=refusal,
        problem=problem,
        path=HERE,
    )
