"""pretrain: the shipped prior model, made anew."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from causalviz.commands.command import Command


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("--worlds", type=int, default=None, metavar="N", help="worlds to learn from")
    command.add_argument("--heldout", type=int, default=None, metavar="N", help="worlds for calibration and scores")
    command.add_argument("--epochs", type=int, default=None, metavar="N")
    command.add_argument("--learning-rate", type=float, default=None, metavar="R", help="its peak")
    command.add_argument("--start", type=Path, default=None, metavar="DIR", help="a model that learns on")
    command.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a model to learn from beside the worlds",
    )
    command.add_argument(
        "--average",
        type=Path,
        default=None,
        metavar="DIR",
        help="an ancestor, for the mean of its weights and the learned",
    )
    command.add_argument(
        "--amounts-of",
        type=Path,
        default=None,
        metavar="DIR",
        help="learn nothing but the amounts, for the model there",
    )
    command.add_argument(
        "--panel-of",
        type=Path,
        default=None,
        metavar="DIR",
        help="learn nothing: let the model there answer as a panel, calibrated anew",
    )
    command.add_argument("--seed", type=int, default=0, metavar="N")
    command.add_argument(
        "--order", type=int, default=None, metavar="N", help="seed of the training, if not that of the worlds"
    )
    command.add_argument("--workers", type=int, default=2, metavar="N", help="parallel processes")
    command.add_argument("--cache", type=Path, default=Path(".pretraining"), metavar="DIR", help="simulated worlds")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")


def _run(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from causalviz.model.checkpoint import load_model, save_model
    from causalviz.model.pretraining import (
        PretrainConfig,
        pretrain,
        pretrain_amounts,
        pretrain_panel,
        pretrain_signs,
    )
    from causalviz.model.signs import load_signs

    usual = PretrainConfig()
    config = replace(
        usual,
        worlds=options.worlds or usual.worlds,
        heldout=options.heldout or usual.heldout,
        seed=options.seed,
        workers=options.workers,
        training=replace(
            usual.training,
            epochs=options.epochs or usual.training.epochs,
            learning_rate=options.learning_rate or usual.training.learning_rate,
            seed=options.seed if options.order is None else options.order,
        ),
    )
    options.out.mkdir(parents=True, exist_ok=True)

    def tell(stage: str, done: int, total: int) -> None:
        print(f"{stage}: {done} of {total}", flush=True)

    if options.amounts_of:
        model, signs = load_model(options.amounts_of), load_signs(options.amounts_of)
        pretrain_amounts(model, signs, config, on_progress=tell).save(options.out)
        print(f"Written to {options.out}: amounts.safetensors")
        return
    if options.panel_of:
        seated = pretrain_panel(options.cache, load_model(options.panel_of), config, on_progress=tell)
        save_model(seated, options.out)
        print(f"Written to {options.out}: weights.safetensors, card.json")
        return
    model = pretrain(
        options.cache,
        config,
        start=load_model(options.start) if options.start else None,
        teachers=[load_model(folder) for folder in options.teacher],
        averaged=load_model(options.average) if options.average else None,
        on_progress=tell,
        on_epoch=lambda epoch: print(
            f"epoch {epoch.epoch} of {epoch.epochs}: loss {epoch.loss:.4f}, held out {epoch.heldout_loss:.4f}, "
            f"AUROC {epoch.auroc:.4f}, ECE {epoch.ece:.4f}",
            flush=True,
        ),
    )
    save_model(model, options.out)
    signs = pretrain_signs(options.cache, config)
    signs.save(options.out)
    pretrain_amounts(model, signs, config, on_progress=tell).save(options.out)
    print(json.dumps(model.card["scores on worlds never seen"]))
    print(f"Written to {options.out}: weights.safetensors, card.json, signs.safetensors, amounts.safetensors")


COMMAND = Command("make the prior model from simulated worlds", _ask, _run)
