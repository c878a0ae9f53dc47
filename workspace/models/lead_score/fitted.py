"""A fitted score as it is served: probability with its interval, the rung it stands on, and the reasons."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from workspace.models.lead_score.additive import AdditiveScore, BoolArray, Past
from workspace.models.lead_score.choosing import Blend
from workspace.models.lead_score.features import LeadFeatures, LeadFrame
from workspace.models.lead_score.ladder import HIGHEST, LOWEST, Rung, ScoreBins, Segments
from workspace.models.lead_score.reasons import Reference, contributions, reasons_table
from workspace.models.lead_score.values import FloatArray


@dataclass(frozen=True)
class InputColumn:
    """One column that the score reads: its kind and, for words, the answers it knows."""

    name: str
    kind: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class FittedScore:
    """A score ready to serve: reads raw leads, returns probabilities with their interval, rung and reasons."""

    pipeline: Pipeline
    blend: Blend
    rung: Rung
    segments: Segments
    bins: ScoreBins
    reference: Reference
    strange: tuple[BoolArray, ...]
    importance: FloatArray
    n_cases: int
    seed: int

    @property
    def features(self) -> LeadFeatures:
        """Return what reads the columns."""
        features: LeadFeatures = self.pipeline.named_steps["features"]
        return features

    @property
    def additive(self) -> AdditiveScore:
        """Return the sum of tables."""
        additive: AdditiveScore = self.pipeline.named_steps["score"]
        return additive

    @property
    def input_columns(self) -> tuple[InputColumn, ...]:
        """Return the columns that the score reads."""
        first: dict[str, InputColumn] = {}
        for field in self.features.fields_:
            first.setdefault(field.column, InputColumn(field.column, field.kind, field.labels))
        return tuple(first.values())

    def score(self, frame: LeadFrame) -> pd.DataFrame:
        """Return what is announced for each lead.

        Returns: index lead_id; probability, low, high (95 % interval of the rate among similar cases, the probability
        included); rung (rule, segment or model); n_similar, n_similar_won (cases); bin (of the score, -1 without
        model); abstained (the model was not asked).
        """
        matrix = self.features.transform(frame)
        codes = Past.of(matrix).codes
        probability, low, high = self.segments.score(codes)
        similar, similar_won = self.segments.counts(codes)
        table = pd.DataFrame(
            {"probability": probability, "low": low, "high": high, "rung": self._lower_rung(), "n_similar": similar}
            | {"n_similar_won": similar_won, "bin": -1, "abstained": True},
            index=frame.index.rename("lead_id"),
        )
        if self.rung == "model":
            table = self._with_model(table, matrix)
        return _shown(table)

    def contributions(self, frame: LeadFrame) -> pd.DataFrame:
        """Return what each field adds to or takes from the base rate, in probability.

        Returns: index lead_id, a column per field; each row sums to the announced probability minus `base_rate`.
        """
        return contributions(self, frame, self.score(frame))

    def reasons(self, frame: LeadFrame, top: int = 3) -> pd.DataFrame:
        """Return the strongest reasons for and against each lead; see `reasons.reasons_table` for the columns."""
        return reasons_table(self, frame, self.score(frame), top=top)

    @property
    def base_rate(self) -> float:
        """Return the rate that the reasons start from."""
        return self.reference.base_rate

    def _lower_rung(self) -> Rung:
        return "rule" if self.rung == "rule" else "segment"

    def _with_model(self, table: pd.DataFrame, matrix: FloatArray) -> pd.DataFrame:
        answered = ~self.abstains(matrix)
        probability = self.additive.predict_proba(matrix)[:, 1]
        bins = self.bins.of(probability)
        model = {
            "probability": probability,
            "low": np.minimum(self.bins.low[bins], probability),
            "high": np.maximum(self.bins.high[bins], probability),
            "rung": np.full(len(table), "model", dtype=object),
            "n_similar": self.bins.closed[bins],
            "n_similar_won": self.bins.won[bins],
            "bin": bins,
            "abstained": np.zeros(len(table), dtype=bool),
        }
        kept = {name: np.where(answered, values, table[name].to_numpy()) for name, values in model.items()}
        return pd.DataFrame(kept, index=table.index).astype({"abstained": bool, "bin": int})

    def abstains(self, matrix: FloatArray) -> BoolArray:
        """Test for each lead if most of what counts is an answer that the past hardly knows, shape (n,)."""
        codes = Past.of(matrix).codes
        if self.rung != "model" or self.importance.sum() <= 0:
            return np.ones(len(codes), dtype=bool)
        strange = np.zeros(len(codes))
        for place, seldom in enumerate(self.strange):
            strange += self.importance[place] * seldom[np.minimum(codes[:, place], len(seldom) - 1)]
        return np.asarray(strange > self.importance.sum() / 2)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    table["probability"] = table["probability"].clip(LOWEST, HIGHEST)
    table["low"] = np.minimum(table["low"].clip(0.0, HIGHEST), table["probability"])
    table["high"] = np.maximum(table["high"].clip(LOWEST, 1.0), table["probability"])
    return table
