"""Who may do what, as a table that is read row by row: permissions × roles.

A row of a model gives each role some of v (view), a (add), c (change) and d (delete); the letters it may have at all
stand first, after the model. What stands there and is given to nobody is withheld knowingly. A row with a colon is a
permission that the model names itself: x gives it. Whoever adds a model or a permission adds a row here; a test walks
all permissions there are and fails for one without a row.

To add members, orders, items of orders, refunds and events means to import them, which asks for the right to start an
import besides.

An administrator holds whatever a role holds: nobody grants more than they have.
"""

ROLES = ("operator", "reviewer", "finance", "support", "analyst", "administrator")

TABLE = """
                                                   may   operator reviewer finance support analyst administrator
members.member                                     va    v        v        v       v       v       va
members.member:view_contact                              .        .        .       x       .       x
members.member:export_member_data                        .        .        .       .       .       x
members.member:erase_member                              .        .        .       .       .       x
members.level                                      vacd  v        v        v       v       v       vacd
members.level:grant_paid_level                           .        .        .       x       .       x
members.levelchange                                v     v        .        v       v       v       v
members.attribute                                  vacd  vac      v        .       v       v       vacd
members.importrun                                  v     v        .        .       .       v       v
members.importrun:start_importrun                        x        .        .       .       .       x
members.order                                      va    va       .        v       v       v       va
members.refund                                     va    va       .        v       v       v       va
members.orderitem                                  va    va       .        v       v       v       va
members.event                                      va    va       .        .       v       v       va
members.inboxmessage                               v     v        .        .       v       .       v

segmentation.segment                               vacd  vacd     v        .       v       vac     vacd
segmentation.segment:recompute_segment                   x        .        .       .       x       x
segmentation.segment:export_segment                      .        .        .       .       .       x
segmentation.segmentrun                            v     v        v        .       .       v       v
segmentation.package                               vacd  vacd     v        .       .       vac     vacd
segmentation.memberexport                          v     .        .        .       .       .       v
segmentation.uidlist                               v     v        .        .       .       v       v
segmentation.taggroup                              vacd  vacd     v        .       v       v       vacd
segmentation.tag                                   vacd  vacd     v        .       v       v       vacd
segmentation.membertag                             vacd  vad      v        .       vad     v       vad
segmentation.tagbatch                              va    va       v        .       va      v       va
segmentation.tagchange                             v     v        v        .       v       v       v
segmentation.rfmmodel                              vacd  vac      v        .       .       vacd    vacd
segmentation.rfmmodel:recompute_rfmmodel                 x        .        .       .       x       x
segmentation.lifecyclemodel                        vacd  vac      v        .       .       vacd    vacd
segmentation.lifecyclemodel:recompute_lifecyclemodel     x        .        .       .       x       x
segmentation.categorycycle                         vacd  vacd     v        .       .       vacd    vacd
segmentation.valuemodel                            vacd  vac      v        .       .       vacd    vacd
segmentation.valuemodel:recompute_valuemodel             x        .        .       .       x       x

campaigns.campaign                                 vacd  vacd     v        v       v       v       vacd
campaigns.campaign:submit_campaign                       x        .        .       .       .       x
campaigns.campaign:approve_campaign                      .        x        .       .       .       x
campaigns.campaign:publish_campaign                      x        .        .       .       .       x
campaigns.campaign:pause_campaign                        x        x        .       .       .       x
campaigns.campaign:end_campaign                          x        .        .       .       .       x
campaigns.campaign:archive_campaign                      x        .        .       .       .       x
campaigns.campaign:roll_back_campaign                    x        x        .       .       .       x
campaigns.campaign:worsen_campaign                       .        .        .       .       .       x
campaigns.task                                     vacd  vacd     v        v       v       v       vacd
campaigns.chain                                    vacd  vacd     v        v       v       v       vacd
campaigns.chainstep                                vacd  vacd     v        v       v       v       vacd
campaigns.campaignpool                             vacd  vacd     v        v       v       v       vacd
campaigns.offer                                    vacd  vacd     v        v       v       v       vacd
campaigns.revision                                 v     v        v        v       v       v       v
campaigns.enrolment                                v     v        v        .       v       v       v
campaigns.completion                               v     v        v        .       v       v       v
campaigns.heldcompletion                           v     v        v        .       v       .       v
campaigns.heldcompletion:review_completions              .        x        .       .       .       x
campaigns.submission                               v     v        v        .       v       .       v
campaigns.submission:review_submission                   .        x        .       x       .       x
campaigns.deviceuse                                v     v        v        .       v       .       v
campaigns.trusted                                  vacd  v        v        .       v       .       vacd
campaigns.taskcode                                 v     v        .        .       v       .       v
campaigns.taskcode:import_taskcode                       x        .        .       .       .       x
campaigns.taskcode:reveal_taskcode                       .        .        .       x       .       x
campaigns.callbacksecret                           v     .        .        .       .       .       v
campaigns.callbacksecret:issue_callbacksecret            .        .        .       .       .       x
campaigns.reservation                              v     v        .        .       v       v       v
campaigns.offergroup                               v     v        .        .       v       v       v
campaigns.offercoupon                              v     v        .        .       v       v       v
campaigns.boardclosing                             v     v        v        .       v       v       v
campaigns.rankprize                                v     v        v        v       v       v       v
campaigns.rankprize:grant_rankprize                      .        x        .       .       .       x
campaigns.invitation                               v     v        v        .       v       v       v
campaigns.help                                     v     v        v        .       v       v       v
campaigns.bargain                                  v     v        v        .       v       v       v
campaigns.team                                     v     v        v        .       v       v       v

rewards.gift                                       vacd  vac      v        v       v       v       vacd
rewards.gift:approve_stock                               .        x        x       .       .       x
rewards.gift:approve_value                               .        .        x       .       .       x
rewards.couponcode                                 v     v        .        v       v       .       v
rewards.couponcode:import_couponcode                     x        .        .       .       .       x
rewards.couponcode:generate_couponcode                   x        .        .       .       .       x
rewards.couponcode:reveal_couponcode                     .        .        .       x       .       x
rewards.codebatch                                  v     v        .        v       .       .       v
rewards.prizepool                                  vacd  vac      v        v       v       v       vacd
rewards.prizepool:publish_prizepool                      x        .        .       .       .       x
rewards.prizepool:worsen_prizepool                       .        .        .       .       .       x
rewards.prize                                      vacd  vacd     v        v       v       v       vacd
rewards.poolversion                                v     v        v        v       v       v       v
rewards.prizestock                                 v     v        v        v       v       v       v
rewards.poollisting                                vad   v        vad      .       v       .       vad
rewards.draw                                       v     v        v        v       v       v       v
rewards.chances                                    v     v        v        .       v       v       v
rewards.award                                      v     v        v        v       v       v       v
rewards.award:redeem_award                               .        .        .       x       .       x
rewards.award:reverse_award                              .        .        .       x       .       x
rewards.awardbatch                                 va    va       v        v       .       .       va
rewards.awardbatch:approve_awardbatch                    .        .        x       .       .       x
rewards.awardbatch:stop_awardbatch                       x        x        x       .       .       x
rewards.shipment                                   v     v        .        .       v       .       v
rewards.shipment:reveal_shipment                         .        .        .       x       .       x
rewards.shipment:track_shipment                          x        .        .       x       .       x
rewards.shippingbatch                              v     .        .        .       v       .       v
rewards.shippingbatch:export_shipments                   .        .        .       x       .       x
rewards.delivery                                   v     v        .        v       v       .       v
rewards.delivery:settle_delivery                         .        .        x       .       .       x
rewards.receiptsender                              v     .        .        .       .       .       v
rewards.receiptsender:issue_receiptsender                .        .        .       .       .       x
rewards.checkoff                                   v     v        .        v       v       v       v
rewards.outlet                                     vacd  vac      .        v       v       v       vacd
rewards.mallitem                                   vacd  vac      v        v       v       v       vacd
rewards.mallorder                                  v     v        .        v       v       v       v
rewards.mallorder:cancel_mallorder                       .        .        .       x       .       x
rewards.budget                                     vacd  v        v        vacd    .       v       vacd
rewards.budget:approve_budget                            .        .        x       .       .       x
rewards.unit                                       vac   v        .        v       v       v       vac
rewards.account                                    v     v        .        v       v       v       v
rewards.lot                                        v     v        .        v       v       .       v
rewards.entry                                      v     v        .        v       v       v       v
rewards.adjustment                                 va    .        v        va      va      .       va
rewards.adjustment:approve_adjustment                    .        .        x       .       .       x
rewards.earningrule                                vacd  vac      v        v       v       v       vacd
rewards.earning                                    v     v        .        v       v       v       v

operations.auditrecord                             v     .        v        v       .       .       v
operations.auditrecord:export_auditrecord                .        .        .       .       .       x
operations.approvalrequest                         v     v        v        v       .       .       v
operations.listexport                              va    va       .        va      va      va      va
operations.job                                     v     .        .        .       .       .       v
operations.job:replay_job                                .        .        .       .       .       x
operations.heartbeat                               v     .        .        .       .       .       v
operations.book                                    v     .        .        v       .       .       v
operations.apikey                                  vac   .        .        .       .       .       vac
operations.webhookendpoint                         vacd  .        .        .       .       .       vacd
operations.webhookdelivery                         v     .        .        .       .       .       v
operations.webhookdelivery:replay_webhookdelivery        .        .        .       .       .       x
operations.twofactorrule                           vacd  .        .        .       .       .       vacd
auth.user                                          vac   .        .        .       .       .       vac
auth.group                                         vacd  .        .        .       .       .       vacd
axes.accessattempt                                 vd    .        .        .       .       .       vd
axes.accesslog                                     v     .        .        .       .       .       v
axes.accessfailurelog                              v     .        .        .       .       .       v
"""

# Tables without a screen of their own, which are written by the house alone: nobody is given anything of them.
WITHOUT_A_SCREEN = frozenset(
    [
        "admin.logentry",
        "auth.permission",
        "axes.accessattemptexpiration",
        "contenttypes.contenttype",
        "sessions.session",
        "django_q.failure",
        "django_q.ormq",
        "django_q.schedule",
        "django_q.success",
        "django_q.task",
        "rest_framework_api_key.apikey",
        "operations.approvalcomment",
        "operations.authenticator",
        "operations.callcount",
        "operations.idempotencykey",
        "operations.picture",
        "operations.picturesize",
        "operations.recoverycode",
        "operations.signin",
        "operations.webhookattempt",
        "operations.webhookevent",
        "members.activity",
        "members.attributevalue",
        "members.dailytotal",
        "members.eraseduid",
        "members.identity",
        "members.importreject",
        "members.memberlevel",
        "members.membermetrics",
        "members.paidperiod",
        "members.touch",
        "members.usedtoken",
        "members.wechatloan",
        "segmentation.factsversion",
        "segmentation.lifecycleset",
        "segmentation.lifecycleversion",
        "segmentation.memberset",
        "segmentation.membersetchunk",
        "segmentation.packageversion",
        "segmentation.rfmset",
        "segmentation.rfmversion",
        "segmentation.segmentversion",
        "segmentation.valueset",
        "segmentation.valueversion",
        "rewards.awardnotice",
        "rewards.budgetuse",
        "rewards.budgetwarning",
        "rewards.catalogueedition",
        "rewards.chancegrant",
        "rewards.drawgate",
        "rewards.expirynotice",
        "rewards.lotuse",
        "rewards.pendingentry",
        "rewards.poolversionprize",
        "rewards.quota",
        "rewards.streak",
        "rewards.wrongnumbers",
        "campaigns.acknowledgement",
        "campaigns.boardscore",
        "campaigns.chainprogress",
        "campaigns.codetries",
        "campaigns.costforecast",
        "campaigns.energyaccount",
        "campaigns.energydrop",
        "campaigns.energygain",
        "campaigns.energymilestone",
        "campaigns.energypot",
        "campaigns.look",
        "campaigns.madeupday",
        "campaigns.offerstock",
        "campaigns.pace",
        "campaigns.progress",
        "campaigns.proposal",
        "campaigns.taggiven",
        "campaigns.takenback",
        "campaigns.taskquota",
        "campaigns.teamseat",
        "campaigns.typed",
        "campaigns.winnersfollowed",
    ]
)
