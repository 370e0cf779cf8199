"""Which courses of a plan are kept in forecast.json: nothing, the plan, and the alternative that its report draws."""

from __future__ import annotations

from collections.abc import Sequence

from follicast.decisions.planning.candidates import NONE, planned_adherence
from follicast.decisions.planning.judge import Judge, Judged
from follicast.decisions.planning.stored_forecast import Forecaster, Role, StoredForecast, stored_forecast
from follicast.decisions.result import PlanResult
from follicast.inference.forecast import Regimen
from follicast.language import say


def forecast_to_keep(judge: Judge, ranked: Sequence[Judged], result: PlanResult) -> StoredForecast:
    """The forecast that later readings will be held against.

    Args:
        judge: of the person's options.
        ranked: every option judged, the plan first.
        result: the answer made of them, for what it draws.
    """
    bench = judge.bench
    person, knowledge = bench.person, bench.knowledge
    best = ranked[0].option
    courses: list[tuple[Role, str, str, Regimen]] = [("nothing", NONE, say("Nothing"), Regimen())]
    if best.id != NONE:
        courses.append(("plan", best.id, best.label, best.regimen))
    drawn = {plan for plan in result.forecasts.plans if plan not in (NONE, best.id)}
    others = [judged.option for judged in ranked if judged.option.id in drawn]
    courses += [("alternative", other.id, other.label, other.regimen) for other in others[:1]]
    daily = [line.therapy for line in best.regimen.lines if not line.sessions]
    bench.progress("Keeping the forecast", 0.0)
    forecaster = Forecaster(person, knowledge, lambda regimen: bench.stage(regimen.transplants), bench.posterior)
    kept = stored_forecast(
        forecaster,
        bench.posterior,
        bench.seed,
        courses,
        {plan: (first, last) for plan, first, last, _ in result.forecasts.shedding_windows},
        all(planned_adherence(person, knowledge, name)[1] for name in daily),
        bench.horizon_days,
    )
    bench.progress("Keeping the forecast", 1.0)
    return kept
