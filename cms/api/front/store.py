"""Finished answers in memory: the most recently used, up to a number of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from cms.api.front.answers import Answer

# Path and query string, each exactly as it came: nothing that could merge two answers.
Address = tuple[str, str]
# What it costs that a key is known, besides what each answer counts for its own.
KEY = 300


class Store:
    """Knows which answers hold a key, so that a change drops those and no others."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        # No single answer may push out most of the others.
        self.largest = most_bytes // 8
        self._answers: OrderedDict[Address, Answer] = OrderedDict()
        self._holders: dict[str, set[Address]] = {}
        self._lock = threading.Lock()
        self.size = self.dropped = self.evicted = 0

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, address: Address) -> Answer | None:
        # No lock: each of these is one step of the interpreter.
        answer = self._answers.get(address)
        if answer is not None:
            try:
                self._answers.move_to_end(address)
            except KeyError:
                return None
        return answer

    def add(self, address: Address, answer: Answer) -> None:
        if answer.size > self.largest:
            return
        answer.size += sum(map(len, address))
        with self._lock:
            self._remove(address)
            self._answers[address] = answer
            self.size += answer.size
            for key in answer.keys:
                self._hold(key, address)
            self._shrink()

    def grow(self, address: Address, answer: Answer, more: int) -> None:
        """Count what an answer keeps besides, if it is still here."""
        with self._lock:
            if self._answers.get(address) is answer:
                answer.size += more
                self.size += more
                self._shrink()

    def drop(self, keys: Iterable[str]) -> None:
        """Forget every answer that holds one of these."""
        with self._lock:
            for key in keys:
                for address in list(self._holders.get(key, ())):
                    self._remove(address)
                    self.dropped += 1

    def clear(self) -> None:
        with self._lock:
            self.dropped += len(self._answers)
            self._answers.clear()
            self._holders.clear()
            self.size = 0

    def _hold(self, key: str, address: Address) -> None:
        holders = self._holders.get(key)
        if holders is None:
            self._holders[key] = holders = set()
            self.size += KEY
        holders.add(address)

    def _shrink(self) -> None:
        while self.size > self._most:
            self._remove(next(iter(self._answers)))
            self.evicted += 1

    def _remove(self, address: Address) -> None:
        answer = self._answers.pop(address, None)
        if answer is None:
            return
        self.size -= answer.size
        for key in answer.keys:
            holders = self._holders[key]
            holders.discard(address)
            if not holders:
                del self._holders[key]
                self.size -= KEY
