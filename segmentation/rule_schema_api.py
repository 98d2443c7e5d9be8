"""The JSON Schema of rules over HTTP: for editors and programs that write rules."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations.api_schema import ANY_CALL
from segmentation import api_words
from segmentation.rule_schema import rule_schema


class RuleSchema(APIView):
    """The JSON Schema (2020-12) of a segment's rule, version 1. It knows no names: a rule that fits may still name a
    tag or a campaign that does not exist."""

    scope = "eligibility"

    @api_words.RULE_SCHEMA
    @extend_schema(operation_id="segments_rule_schema", responses={200: {"type": "object"}, **ANY_CALL})
    def get(self, request: Request) -> Response:
        return Response(rule_schema())
