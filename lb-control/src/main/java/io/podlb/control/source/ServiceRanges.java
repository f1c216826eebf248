package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.podlb.server.service.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the cluster takes its cluster IPs from, as its ServiceCIDR objects say; clusters before 1.33 and accounts
 * without the right to list them have none. They change once in a cluster's life, so they are listed every minute
 * rather than watched. One thread at a time.
 */
final class ServiceRanges {

    private static final Logger log = LoggerFactory.getLogger(ServiceRanges.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Consumer<List<Cidr>> target;
    private @Nullable Instant answered;
    private boolean absent;

    ServiceRanges(KubernetesClient client, Consumer<List<Cidr>> target) {
        this.client = client;
        this.target = target;
    }

    /** Asks if it is time to. Whether the API server has ever answered, if only that there are none. */
    boolean look(Instant now) {
        if (absent || answered != null && Duration.between(answered, now).compareTo(INTERVAL) < 0) {
            return true;
        }
        try {
            target.accept(ranges(client.resources(ServiceCIDR.class).list().getItems()));
            answered = now;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404 || e.getCode() == 403) {
                absent = true;
                log.info("no ServiceCIDR objects (HTTP status {}), service ranges have to be given", e.getCode());
                return true;
            }
            log.debug("ServiceCIDR objects cannot be listed now", e);
        }
        return answered != null;
    }

    private static List<Cidr> ranges(List<ServiceCIDR> objects) {
        List<Cidr> ranges = new ArrayList<>();
        for (ServiceCIDR object : objects) {
            if (object.getSpec() == null || object.getSpec().getCidrs() == null) {
                continue;
            }
            for (String text : object.getSpec().getCidrs()) {
                try {
                    ranges.add(Cidr.parse(text));
                } catch (IllegalArgumentException e) {
                    log.warn("ServiceCIDR: {}, the range is ignored", e.getMessage());
                }
            }
        }
        return ranges.stream().distinct().toList();
    }
}
