package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.backend.Backend;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Another policy over the backends that are in use, beside some that are left out. When the time of one of these is
 * over, one connection is sent there. And where all others have failed a connection, it may try those that are left out,
 * so that no client fails for the sake of an ejection.
 */
final class Trials implements Balancer {

    private final Balancer inner;
    private final List<Outage> outages;
    private final Ticker ticker;
    private final @Nullable Consumer<Backend> silent;

    /**
     * @param silent told of a trial of which nothing was heard, for protocols where that is a good sign; null where it
     *     means nothing
     */
    Trials(Balancer inner, List<Outage> outages, Ticker ticker, @Nullable Consumer<Backend> silent) {
        this.inner = inner;
        this.outages = List.copyOf(outages);
        this.ticker = ticker;
        this.silent = silent;
    }

    Balancer inner() {
        return inner;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        Backend due = context.excludesNone() ? due() : null;
        if (due != null) {
            return new Pick(due, PickReason.Trial.INSTANCE);
        }
        Pick pick = inner.pick(context);
        return pick == null ? lastResort(context) : pick;
    }

    private @Nullable Backend due() {
        long now = ticker.read();
        for (Outage outage : outages) {
            if (silent != null && outage.isSilent(now)) {
                silent.accept(outage.backend());
            } else if (outage.takeTrial(now)) {
                return outage.backend();
            }
        }
        return null;
    }

    private @Nullable Pick lastResort(PickContext context) {
        for (Outage outage : outages) {
            if (!context.excludes(outage.backend())) {
                return new Pick(outage.backend(), PickReason.LastResort.INSTANCE);
            }
        }
        return null;
    }

    @Override
    public void connected(PickContext context, Backend backend) {
        inner.connected(context, backend);
    }

    @Override
    public void failed(PickContext context, Backend backend) {
        inner.failed(context, backend);
    }

    @Override
    public Balancer with(List<Backend> candidates) {
        return new Trials(inner.with(candidates), outages, ticker, silent);
    }

    /** Those that are in use. */
    @Override
    public List<Backend> candidates() {
        return inner.candidates();
    }
}
