namespace Mimu.Core;

/// <summary>Who asks: proven by an access token whose session goes on.</summary>
/// <param name="UserId">The account.</param>
/// <param name="SessionId">The session; a socket gets no live <c>NewMessage</c> for what its own session sent.</param>
/// <param name="DeviceId">The device of the session, 1–127.</param>
public sealed record Caller(UserId UserId, SessionId SessionId, int DeviceId);
