package io.podlb.server;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a Netty buffer unreleased. Every buffer is counted, none is sampled. Registered for all tests
 * of the module; they close what they start, and event loops release their last buffers a moment after that.
 */
public final class NoLeaks implements AfterEachCallback {

    @Override
    public void afterEach(ExtensionContext context) {
        String detector = System.getProperty("io.netty.customResourceLeakDetector");
        if (!LeakPresenceDetector.class.getName().equals(detector)) {
            throw new IllegalStateException("run with -Dio.netty.customResourceLeakDetector="
                    + LeakPresenceDetector.class.getName() + " -Dio.netty.leakDetection.level=PARANOID");
        }
        if (!ResourceLeakDetector.isEnabled()) {
            throw new IllegalStateException("leak detection is off");
        }
        Awaitility.await("every buffer is released")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> LeakPresenceDetector.check());
    }
}
