package io.podlb.control.check;

import io.netty.channel.EventLoop;
import io.podlb.control.translate.Check;
import io.podlb.server.balance.RandomSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A check that is made again and again, one try at a time, a tenth more or less than a period apart.
 *
 * <p>Thread rule: its event loop.
 */
final class Checker {

    private final Check check;
    private final EventLoop loop;
    private final RandomSource random;
    private final Outcome outcome;
    private final Standing standing;
    private @Nullable Attempt attempt;
    private boolean stopped;

    /** Told after each try. */
    interface Outcome {
        void of(boolean success, boolean changed, @Nullable String failure);
    }

    Checker(Check check, EventLoop loop, RandomSource random, Outcome outcome) {
        this.check = check;
        this.loop = loop;
        this.random = random;
        this.outcome = outcome;
        this.standing = new Standing(check.rise(), check.fall());
    }

    boolean isUp() {
        return standing.isUp();
    }

    void start() {
        if (check.delay().isZero()) {
            attempt();
        } else {
            schedule(check.delay());
        }
    }

    private void schedule(Duration time) {
        var unused = loop.schedule(this::attempt, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void attempt() {
        if (!stopped) {
            Attempt next = new Attempt(check, loop, this::done);
            attempt = next;
            next.begin();
        }
    }

    private void done(@Nullable String failure) {
        boolean success = failure == null;
        schedule(check.period().multipliedBy(90L + random.nextInt(21)).dividedBy(100));
        outcome.of(success, standing.tried(success), failure);
    }

    void stop() {
        stopped = true;
        if (attempt != null) {
            attempt.cancel();
        }
    }
}
