"""placeholder"""
from generator.plan.expressions.functions.model import Function

FUNCTIONS: tuple[Function, ...] = ()
