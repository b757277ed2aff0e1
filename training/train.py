"""Train the stance network on pools of rows until a wall-clock deadline; stop and resume at any time.

    python train.py --encoder DIR --run DIR --until 10:45 --pool nli=nli.jsonl.gz:0.4 --pool made=made.jsonl.gz:0.6 \
        --watch dev=dev.jsonl.gz

Each pool is a file of rows and the share of the rows drawn from it; a pool that ends starts over, shuffled anew. The learning rate
falls linearly from the start of the run to the deadline, by the clock, so that a slower machine ends at zero as well
(with fewer steps). A run that is started again with the same ``--run`` goes on from its last checkpoint, with
whatever pools it is given now.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from network import PairTokens, StanceNetwork
from rows import LABELS, NOT_SUPPORTS, Row, read_rows
from scoring import predict, table
from torch import Tensor
from torch.nn import functional

log = logging.getLogger("train")

BATCH = 64
HEAD_FACTOR = 6
"""How much faster the head learns than the body."""

WARM_STEPS = 120
DRAW = BATCH * 24
"""Rows drawn at a time and sorted by length, so that a batch holds texts of like length."""


class Pools:
    """Endless supply of rows from several files, in fixed shares."""

    def __init__(self, specs: list[str], seed: int) -> None:
        self._random = random.Random(seed)
        self._pools: list[tuple[str, float, list[Row]]] = []
        self._queues: dict[str, list[Row]] = {}
        for spec in specs:
            name, _, rest = spec.partition("=")
            path, _, share = rest.rpartition(":")
            self._pools.append((name, float(share), read_rows(Path(path))))
            log.info("pool %s: %d rows, share %s", name, len(self._pools[-1][2]), share)

    def draw(self, count: int) -> list[Row]:
        """Return about ``count`` rows in the pools' shares."""
        whole = sum(share for _, share, _ in self._pools)
        drawn: list[Row] = []
        for name, share, rows in self._pools:
            for _ in range(round(count * share / whole)):
                if not self._queues.get(name):
                    self._queues[name] = self._random.sample(rows, len(rows))
                drawn.append(self._queues[name].pop())
        return drawn

    def batches(self) -> Iterator[list[Row]]:
        """Yield batches of rows of like length, without end."""
        while True:
            drawn = sorted(self.draw(DRAW), key=lambda row: len(row["evidence"]) + len(row["claim"]))
            cut = [drawn[i : i + BATCH] for i in range(0, len(drawn), BATCH)]
            self._random.shuffle(cut)
            yield from cut


def stance_loss(logits: Tensor, rows: list[Row]) -> Tensor:
    """Cross entropy; for two-class rows -log(1 - p(supports)), which leaves refutes against neutral open."""
    logp = functional.log_softmax(logits.float(), dim=1)
    open_rows = torch.tensor([row["label"] == NOT_SUPPORTS for row in rows])
    target = torch.tensor([LABELS.index(row["label"]) if row["label"] in LABELS else 0 for row in rows])
    exact = -logp.gather(1, target[:, None])[:, 0]
    either = -torch.logsumexp(logp[:, 1:], dim=1)
    return torch.where(open_rows, either, exact).mean()


def deadline(clock: str) -> float:
    """Return the epoch second of the next ``HH:MM`` of local time."""
    now = dt.datetime.now().astimezone()
    hour, minute = (int(part) for part in clock.split(":"))
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (then if then > now else then + dt.timedelta(days=1)).timestamp()


def main() -> None:
    """Run the training loop."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--encoder", type=Path, required=True, help="sentence-transformers directory to start from"
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--start", type=Path, help="checkpoint whose weights a new run starts from")
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers kept as they are in the encoder")
    parser.add_argument("--rate", type=float, default=8e-5, help="learning rate of the body at its highest")
    parser.add_argument("--until", required=True, help="HH:MM at which the learning rate reaches zero")
    parser.add_argument("--pool", action="append", required=True, help="NAME=FILE:SHARE")
    parser.add_argument("--watch", action="append", default=[], help="NAME=FILE, scored while training")
    parser.add_argument("--watch-minutes", type=float, default=10.0)
    parser.add_argument("--longest", type=int, default=128, help="tokens of a pair")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.run.mkdir(parents=True, exist_ok=True)
    checkpoint = options.run / "last.pt"

    network = StanceNetwork(options.encoder)
    if options.start and not checkpoint.exists():
        network.load_state_dict(torch.load(options.start, weights_only=True)["network"], strict=False)
    network.freeze(options.frozen, options.encoder)
    tokens = PairTokens(options.encoder, options.longest)
    head = [*network.hidden.parameters(), *network.scores.parameters()]
    body = [p for p in network.bert.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body}, {"params": head}], lr=options.rate, weight_decay=0.01, fused=True
    )
    state: dict[str, Any] = {"step": 0, "pairs": 0, "start": time.time(), "loss": 1.1}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        state = saved["state"]
        log.info("resumed at step %d", state["step"])
    watches = {spec.partition("=")[0]: read_rows(Path(spec.partition("=")[2])) for spec in options.watch}
    until = deadline(options.until)
    pools = Pools(options.pool, options.seed + state["step"])
    last_watch = last_save = began = time.time()
    began_pairs = state["pairs"]

    def save(name: str = "last.pt") -> None:
        part = options.run / (name + ".part")
        torch.save(
            {"network": network.trained_state(), "optimizer": optimizer.state_dict(), "state": state}, part
        )
        part.replace(options.run / name)

    def watch() -> None:
        for name, rows in watches.items():
            for group, scores in table(rows, predict(network, tokens, rows), lambda row: row["pair"]).items():
                log.info("watch %s %s %s", name, group, json.dumps(scores))

    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    network.train()
    for rows in pools.batches():
        if stopping:
            save()
            log.info("stopped by a signal at step %d", state["step"])
            return
        left = (until - time.time()) / (until - state["start"])
        if left <= 0:
            break
        scale = min(1.0, (state["step"] + 1) / WARM_STEPS) * left
        for group, rate in zip(optimizer.param_groups, (1, HEAD_FACTOR), strict=True):
            group["lr"] = options.rate * rate * scale
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(**tokens([(row["evidence"], row["claim"]) for row in rows]))
        loss = stance_loss(logits, rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        state["step"] += 1
        state["pairs"] += len(rows)
        state["loss"] = 0.98 * state["loss"] + 0.02 * loss.item()
        if state["step"] % 25 == 0:
            speed = (state["pairs"] - began_pairs) / (time.time() - began)
            log.info(
                "step %d loss %.4f %.1f pairs/s lr %.2e",
                state["step"],
                state["loss"],
                speed,
                options.rate * scale,
            )
        if time.time() - last_watch > 60 * options.watch_minutes:
            watch()
            last_watch = time.time()
        if time.time() - last_save > 180:
            save()
            last_save = time.time()
    save()
    watch()
    log.info("done: %d steps, %d pairs", state["step"], state["pairs"])


if __name__ == "__main__":
    main()
