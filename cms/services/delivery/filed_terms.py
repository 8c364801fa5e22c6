"""Which filters the full-text index can be asked for, together with words or by themselves."""

from sqlalchemy import select

from cms.models import Refiling
from cms.services.delivery import large_sites
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Groups, is_filed

_CHANGED = select(Refiling.changed)


def known(moment: Moment, groups: Groups) -> Groups:
    """Those of these groups for which the index can be asked: on a large site, if it files its
    texts by each of their terms, no more and no less.
    """
    if not groups or not all(groups) or not large_sites.is_large(moment):
        return ()
    changed = {term for (names,) in moment.rows(_CHANGED) for term in names.split(",")}
    return [group for group in groups if all(is_filed(one) and one not in changed for one in group)]
