"""Publishing: readers see a night whole or not at all, and a failed night leaves yesterday's tables."""

from scv.publish.hashes import published_hash
from scv.publish.night import PublishResult, TablePublication, publish_night

__all__ = ["PublishResult", "TablePublication", "publish_night", "published_hash"]
