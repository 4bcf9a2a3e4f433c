using System.Globalization;
using Mimu.Core.Calls;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>Whatever people do, in whatever order: what is always so of calls.</summary>
public class CallsByChanceTests
{
    private const int Operations = 400;

    private static readonly CallWord[] _words = [.. Enum.GetValues<CallWord>().Where(word => word is not CallWord.CallUnavailable)];

    [Fact]
    public void Each_socket_is_told_everything_once_and_in_order_and_nothing_is_left_in_the_end()
    {
        for (var seed = 1ul; seed <= 100; seed++)
        {
            var world = new Dice(seed);
            for (var i = 0; i < Operations; i++)
            {
                world.Act();
            }
            world.Check();
        }
    }

    [Fact]
    public async Task From_many_threads_it_is_the_same()
    {
        var scene = new CallScene();
        using var start = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(seed => Task.Factory.StartNew(() =>
        {
            // Devices of their own, and the calls of all.
            var dice = new Dice((ulong)seed, scene, firstDevice: seed * 10);
            start.SignalAndWait();
            for (var i = 0; i < 5000; i++)
            {
                dice.Act();
            }
            dice.Leave();
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        scene.Clock.Advance(TimeSpan.FromHours(13));
        scene.Table.Sweep();
        scene.Pass(61);
        Assert.Equal((0, 0L), (scene.Table.Count, scene.Table.Taken));
    }

    /// <summary>Two people with three devices each, who do as the dice say. The same seed does the same.</summary>
    private sealed class Dice(ulong seed, CallScene? scene = null, int firstDevice = 1)
    {
        private readonly CallScene _scene = scene ?? new CallScene();
        private readonly List<Phone> _online = [];
        private readonly List<Phone> _all = [];
        private readonly bool _isAlone = scene is null;
        private int _said;
        private ulong _state = seed * 0x9E3779B97F4A7C15;

        public void Act()
        {
            switch (Throw(12))
            {
                case 0 or 1 when _online.Count < 8:
                    var phone = _scene.Connect(Throw(2) == 0 ? _scene.Alice : _scene.Bob, firstDevice + Throw(3));
                    _online.Add(phone);
                    _all.Add(phone);
                    break;
                case 2 when _online.Count > 0:
                    Disconnect(_online[Throw(_online.Count)]);
                    break;
                case 3 when _isAlone:
                    _scene.Pass(Throw(20));
                    break;
                case 4:
                    _scene.Table.Sweep();
                    break;
                case 5 when Throw(20) == 0:
                    _scene.Table.EndBetween(_scene.Alice, _scene.Bob);
                    break;
                default:
                    Say();
                    break;
            }
        }

        public void Leave()
        {
            while (_online.Count > 0)
            {
                Disconnect(_online[0]);
            }
        }

        public void Check()
        {
            foreach (var phone in _all)
            {
                var told = phone.Told();
                foreach (var word in (string[])["CallOffer", "CallAnswer", "IceCandidate"])
                {
                    // What is said has numbers, which count up, behind the number of its call.
                    var said = told.Where(one => one.StartsWith(word, StringComparison.Ordinal)).Select(one => one.Split(' ')[1].Split('.').Select(int.Parse).ToArray()).ToList();
                    Assert.All(said.GroupBy(one => one[0]), call => Assert.True(call.Select(one => one[1]).SequenceEqual(call.Select(one => one[1]).Distinct().Order()),
                        $"seed {seed}: {string.Join(", ", told)}"));
                }
            }
            Leave();
            _scene.Clock.Advance(TimeSpan.FromHours(13));
            _scene.Table.Sweep();
            _scene.Pass(61);
            Assert.Equal((0, 0L), (_scene.Table.Count, _scene.Table.Taken));
            Assert.All(_scene.Push.Rung.GroupBy(rung => (rung.Callee, rung.Call)), rung => Assert.True(_scene.Push.Stopped.Count(one => one == rung.Key) >= rung.Count(one => one.Device is null)));
        }

        private void Say()
        {
            if (_online.Count == 0)
            {
                return;
            }
            var phone = _online[Throw(_online.Count)];
            var to = phone.Caller.UserId == _scene.Alice ? _scene.Bob : _scene.Alice;
            var (number, word) = (1 + Throw(12), _words[Throw(_words.Length)]);
            _ = _scene.Try(phone, to, new Guid([(byte)number, .. new byte[15]], bigEndian: true), word, string.Create(CultureInfo.InvariantCulture, $"{number}.{++_said}"), Throw(4) == 0 ? firstDevice + Throw(3) : null, isAllowed: Throw(10) > 0);
        }

        private void Disconnect(Phone phone)
        {
            _online.Remove(phone);
            _scene.Table.Disconnect(phone);
        }

        private int Throw(int sides)
        {
            // Knuth's MMIX generator: good enough for dice, and it can be repeated.
            _state = (_state * 6364136223846793005) + 1442695040888963407;
            return (int)((_state >> 33) % (ulong)sides);
        }
    }
}
