package io.podlb.server.relay;

import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickReason;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.BackendSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backends that one connection or UDP flow has tried, in order. Most have one try, so the latest is kept in fields
 * and nothing is made before somebody looks.
 *
 * <p>Thread rule: the event loop of its connection.
 */
final class Tries {

    private int begun;
    private @Nullable Pick pick; // of the latest
    private @Nullable BackendSpec spec; // what was known of that backend then
    private long startNanos;
    private @Nullable Outcome outcome; // of the latest; null while it is under way
    private long nanos;
    private @Nullable List<Attempt> earlier;

    /** The next try begins; the one before has an outcome. */
    void begin(Pick next, long now) {
        Attempt last = latest(null, now);
        if (last != null) {
            List<Attempt> before = earlier;
            if (before == null) {
                before = new ArrayList<>(2);
                earlier = before;
            }
            before.add(last);
        }
        begun++;
        pick = next;
        spec = next.backend().spec();
        startNanos = now;
        outcome = null;
    }

    /**
     * The outcome of the latest try; a later one replaces it.
     *
     * @return how long it took
     */
    long end(Outcome result, long now) {
        outcome = result;
        nanos = now - startNanos;
        return nanos;
    }

    /** Tries begun. */
    int begun() {
        return begun;
    }

    /** The pick of the latest try; null before the first. */
    @Nullable
    Pick pick() {
        return pick;
    }

    /** Why the latest backend was picked; null before the first. */
    @Nullable
    PickReason reason() {
        Pick latest = pick;
        return latest == null ? null : latest.reason();
    }

    /** The backend of the latest try, as it was listed then; null before the first. */
    @Nullable
    BackendSpec backend() {
        return spec;
    }

    /**
     * All of them.
     *
     * @param unfinished what becomes of a try that is under way; null: it is left out
     */
    List<Attempt> all(@Nullable Outcome unfinished, long now) {
        Attempt last = latest(unfinished, now);
        List<Attempt> before = earlier;
        if (before == null) {
            return last == null ? List.of() : List.of(last);
        }
        List<Attempt> all = new ArrayList<>(before);
        if (last != null) {
            all.add(last);
        }
        return List.copyOf(all);
    }

    private @Nullable Attempt latest(@Nullable Outcome unfinished, long now) {
        Pick latest = pick;
        BackendSpec backend = spec;
        Outcome known = outcome == null ? unfinished : outcome;
        if (latest == null || backend == null || known == null) {
            return null;
        }
        return new Attempt(backend, latest.reason(), known, outcome == null ? now - startNanos : nanos);
    }
}
