"""What of `rewards` a second person has to see (四眼): stock, budgets, value, points and awards in bulk."""


def register_own() -> None:
    from rewards.approving import adjustments, awards, codes, fields, pools

    fields.register_own()
    pools.register_own()
    codes.register_own()
    awards.register_own()
    adjustments.register_own()
