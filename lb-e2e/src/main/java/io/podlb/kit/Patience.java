package io.podlb.kit;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waiting for something that comes about by itself soon or never. */
final class Patience {

    private static final long LOOK_MILLIS = 5;

    private Patience() {}

    /** The value once it is as wanted, or as it is after that time. */
    static <T> T until(Duration time, Supplier<T> value, Predicate<T> wanted) {
        T now = value.get();
        for (long looks = time.toMillis() / LOOK_MILLIS; looks > 0 && !wanted.test(now); looks--) {
            new CompletableFuture<Void>()
                    .completeOnTimeout(null, LOOK_MILLIS, TimeUnit.MILLISECONDS)
                    .join();
            now = value.get();
        }
        return now;
    }
}
