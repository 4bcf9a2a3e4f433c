namespace Mimu.Core.Calls;

/// <summary>The calls that are kept in mind, by their ids and by who takes part. Used by who holds the table alone.</summary>
internal sealed class CallRecords(CallSettings settings)
{
    private readonly Dictionary<Guid, Call> _byId = [];
    private readonly Dictionary<UserId, List<Call>> _byUser = [];
    private readonly CallMemory _memory = new(settings.MaxBytes);

    public int Count => _byId.Count;

    /// <summary>What they take, in bytes.</summary>
    public long Taken => _memory.Taken;

    public Call? Find(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>The calls that somebody is an end of, the oldest first. A copy.</summary>
    public List<Call> Of(UserId user) => _byUser.TryGetValue(user, out var calls) ? [.. calls] : [];

    /// <summary>All of them. A copy.</summary>
    public List<Call> All() => [.. _byId.Values];

    /// <summary>A new call; <c>limit_reached</c> or <c>unavailable</c>.</summary>
    public Result<Call> Add(Guid id, Caller caller, UserId callee)
    {
        var own = Of(caller.UserId).FindAll(call => call.CallerId == caller.UserId);
        if (own.Count(call => call.Stage is CallStage.Expected or CallStage.Offered) >= settings.MaxRinging)
        {
            return Errors.LimitReached.Because("Too many calls of this account ring at once.");
        }
        if (own.Count >= settings.MaxCalls)
        {
            Remove(own.Find(call => call.Stage is CallStage.Ended) ?? own.Find(call => call.Stage is CallStage.Answered)!);
        }
        var call = new Call(id, caller, callee, settings, _memory);
        if (!call.TryTakeRoom())
        {
            return Errors.Unavailable;
        }
        _byId.Add(id, call);
        List(caller.UserId).Add(call);
        List(callee).Add(call);
        return call;
    }

    public void Remove(Call call)
    {
        _byId.Remove(call.Id);
        call.GiveRoom();
        Unlist(call.CallerId, call);
        Unlist(call.CalleeId, call);
    }

    private List<Call> List(UserId user)
    {
        if (!_byUser.TryGetValue(user, out var calls))
        {
            _byUser.Add(user, calls = []);
        }
        return calls;
    }

    private void Unlist(UserId user, Call call)
    {
        var calls = _byUser[user];
        calls.Remove(call);
        if (calls.Count == 0)
        {
            _byUser.Remove(user);
        }
    }
}
