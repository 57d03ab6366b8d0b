"""The one place that makes AWS clients, and turns what can go wrong with them into messages with a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from generator.diagnostics import GeneratorError

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

P = ParamSpec("P")
T = TypeVar("T")

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_REFUSED = {
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "InvalidSignatureException", "AuthFailure", "IncompleteSignature",
}  # fmt: skip
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "Forbidden", "403"}
_ABSENT = {
    "NoSuchBucket", "EntityNotFoundException", "InvalidRequestException", "ResourceNotFoundException", "404",
}  # fmt: skip
_ELSEWHERE = {"PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
_CONNECTIONS = 32


class AwsError(GeneratorError):
    """AWS can't be reached, or says no.

    Attributes:
        denied: whether the credentials don't allow the call.
    """

    def __init__(self, message: str, *, denied: bool = False) -> None:
        self.denied = denied
        super().__init__(message)


class Aws:
    """Clients of one region, with the credentials that boto3 finds.

    Raises:
        AwsError: boto3 isn't installed.
    """

    def __init__(self, region: str | None = None) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise AwsError("AWS is reached with boto3: install it with `pip install 'lakegen[aws]'`") from None
        with clear_errors():
            self._session = boto3.Session(region_name=region)
        self.region = self._session.region_name
        self._config = Config(
            retries={"mode": "standard", "max_attempts": 5},
            max_pool_connections=_CONNECTIONS,
            user_agent_extra="lakegen",
        )

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = self._client("s3")
        return client

    @cached_property
    def glue(self) -> GlueClient:
        client: GlueClient = self._client("glue")
        return client

    @cached_property
    def athena(self) -> AthenaClient:
        client: AthenaClient = self._client("athena")
        return client

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def lakeformation(self) -> Any:
        return self._client("lakeformation")

    @cached_property
    def sqs(self) -> Any:
        return self._client("sqs")

    def _client(self, service: Any) -> Any:
        with clear_errors(self.region):
            return self._session.client(service, config=self._config)


def clearly(function: Callable[P, T]) -> Callable[P, T]:
    """A function whose troubles with AWS become an `AwsError`."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with clear_errors():
            return function(*args, **kwargs)

    return call


@contextmanager
def clear_errors(region: str | None = None) -> Iterator[None]:
    """Turns boto3's errors into an `AwsError` that says what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        denied = error.response.get("Error", {}).get("Code", "") in _DENIED
        raise AwsError(explain_refusal(error.response, error.operation_name), denied=denied) from error
    except Boto3Error as error:
        if isinstance(error.__cause__ or error.__context__, ClientError):
            cause: Any = error.__cause__ or error.__context__
            raise AwsError(explain_refusal(cause.response, cause.operation_name)) from error
        raise AwsError(str(error)) from error
    except BotoCoreError as error:
        raise AwsError(_explain_failure(error, region)) from error


def explain_refusal(response: Any, operation: str) -> str:
    """What AWS's answer to a call means, and what to do."""
    code = response.get("Error", {}).get("Code", "")
    message = response.get("Error", {}).get("Message", "")
    said = f"{operation}: {code}: {message}".rstrip(": ")
    if code in _EXPIRED:
        return f"the AWS credentials have expired: sign in again, such as with `aws sso login` ({said})"
    if code in _REFUSED:
        return (
            f"AWS doesn't accept the credentials: `aws sts get-caller-identity` shows whether they are right ({said})"
        )
    if code in _DENIED:
        return f"the credentials don't allow this: use a role that may, or ask whoever runs the account ({said})"
    if code in _ELSEWHERE:
        return f"that is in another region: give --region, or set AWS_REGION ({said})"
    if code in _ABSENT:
        return (
            f"AWS doesn't have that: was the lake applied (`python -m generator deploy apply`), "
            f"and in this account and region? ({said})"
        )
    return f"AWS says no to {said}"


def _explain_failure(error: Exception, region: str | None) -> str:
    from botocore import exceptions

    where = f" in region {region}" if region else ""
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        return (
            "there are no AWS credentials: sign in (`aws sso login`, `aws configure`), set AWS_PROFILE, or set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}: set AWS_PROFILE to a profile that `aws configure list-profiles` shows"
    if isinstance(error, exceptions.NoRegionError):
        return "no AWS region is set: give --region, or set AWS_REGION"
    if isinstance(error, exceptions.EndpointConnectionError):
        return f"cannot reach AWS{where}: is the region right (--region, AWS_REGION), and is there a network? ({error})"
    if isinstance(error, exceptions.SSLError):
        return f"cannot trust the connection to AWS: AWS_CA_BUNDLE has to name your network's authority ({error})"
    if "SSO" in type(error).__name__ or "Token" in type(error).__name__:
        return f"the AWS sign-in has expired: `aws sso login` ({error})"
    return f"cannot use AWS: {error}"
