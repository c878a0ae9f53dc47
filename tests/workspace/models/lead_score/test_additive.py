import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError

from workspace.models.lead_score import boosting
from workspace.models.lead_score.additive import AdditiveScore, PairTable, Past, Tables, fit_lines, fit_marginal
from workspace.models.lead_score.drift import design_effect, level_shift, recency_weights
from workspace.models.lead_score.purify import purified


@pytest.fixture
def past() -> Past:
    random = np.random.default_rng(0)
    codes = np.column_stack([random.integers(0, 4, 600), random.integers(0, 6, 600), random.integers(1, 3, 600)])
    lines = np.column_stack([np.zeros(600), codes[:, 1] - 2.5, np.zeros(600)])
    return Past(codes, lines, np.array([False, True, False]))


@pytest.fixture
def won(past: Past) -> np.ndarray:
    together = (past.codes[:, 0] == 2) & (past.codes[:, 2] == 1)
    return np.random.default_rng(1).random(600) < expit(-1 + 0.5 * past.lines[:, 1] + 2.0 * together)


class TestFitBoosted:
    def test_reads_the_trees_off_exactly(self, past, won, monkeypatch):
        kept = []

        class Kept(HistGradientBoostingClassifier):
            def fit(self, *given, **named):
                kept.append(self)
                return super().fit(*given, **named)

        monkeypatch.setattr(boosting, "HistGradientBoostingClassifier", Kept)

        tables = boosting.fit_boosted(past, won, np.ones(600), seed=0)

        expected = kept[0].decision_function(past.codes.astype(float))
        np.testing.assert_allclose(tables.log_odds(past), expected, atol=1e-9)
        assert any((pair.first, pair.second) == (0, 2) for pair in tables.pairs)


class TestPurified:
    def test_changes_no_score_and_centres_every_field(self, past, won):
        tables = boosting.fit_boosted(past, won, np.ones(600), seed=0).plus(
            fit_lines(past, won, np.ones(600), penalty=1.0, drift_penalty=0.0)
        )
        weights = recency_weights(600, 0.3)

        pure = purified(tables, past, weights)

        np.testing.assert_allclose(pure.log_odds(past), tables.log_odds(past), atol=1e-9)
        np.testing.assert_allclose(np.average(pure.contributions(past), axis=0, weights=weights)[1], 0, atol=0.05)

    def test_counts_an_answer_never_seen_as_the_average(self, past, won):
        tables = Tables(0.0, (np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.zeros(6), np.zeros(3)), np.zeros(3))

        pure = purified(tables, past, np.ones(600))

        assert pure.tables[0][4] == 0.0


class TestAdditiveScore:
    def test_refuses_to_score_before_it_was_fitted(self, past):
        with pytest.raises(NotFittedError):
            AdditiveScore().predict_proba(np.zeros((2, 6)))

    def test_finds_the_effects_it_was_given(self, past, won):
        matrix = np.empty((600, 6))
        matrix[:, 0::2], matrix[:, 1::2] = past.codes, past.lines

        score = AdditiveScore(penalty=1.0).fit(matrix, won)

        assert score.contributions(matrix)[past.codes[:, 1] == 5, 1].mean() > 0.5
        assert abs(score.predict_proba(matrix)[:, 1].mean() - won.mean()) < 0.01
        assert set(score.predict(matrix)) <= {True, False}


class TestFitMarginal:
    def test_tells_each_word_alone_and_numbers_not_at_all(self, past, won):
        tables = fit_marginal(past, won)

        assert tables.tables[0][2] > tables.tables[0][3]
        assert not tables.tables[1].any()
        assert tables.tables[0][0] == 0.0


class TestContributions:
    def test_shares_a_pair_half_and_half(self):
        pair = PairTable(0, 1, np.array([[0.0, 0.0], [0.0, 4.0]]))
        tables = Tables(0.5, (np.array([0.0, 1.0]), np.array([0.0, 0.0])), np.zeros(2), (pair,))

        parts = tables.contributions(Past(np.array([[1, 1], [0, 1]]), np.zeros((2, 2))))

        np.testing.assert_array_equal(parts, [[3.0, 2.0], [0.0, 0.0]])


class TestDesignEffect:
    def test_is_one_where_rows_are_shuffled_and_large_where_a_column_marks_its_epoch(self):
        import scipy.sparse as sp

        random = np.random.default_rng(0)
        shuffled, epoch = random.random(4000), np.repeat(random.random(20), 200)

        effect = design_effect(sp.csr_matrix(np.column_stack([shuffled, epoch])))

        assert effect[0] < 1.5
        assert effect[1] > 80


class TestLevelShift:
    def test_meets_the_recent_rate(self):
        log_odds, outcome = np.full(1000, -2.0), np.arange(1000) % 2 == 0

        shift = level_shift(log_odds, outcome, np.ones(1000))

        assert expit(-2.0 + shift) == pytest.approx(0.5, abs=0.01)

    def test_stays_finite_where_nothing_was_won(self):
        assert -12 < level_shift(np.zeros(50), np.zeros(50, dtype=bool), np.ones(50)) < 0
