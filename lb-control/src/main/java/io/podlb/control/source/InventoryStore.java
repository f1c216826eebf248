package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.podlb.control.cluster.ServiceKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an informer keeps of one kind: trimmed objects, which are handed on as they come. So there is no second copy and
 * no queue between: when the informer's list is complete, whoever is behind has all of it.
 *
 * <p>Any thread. {@link #successor} is for the informer that takes over; this one then ignores what still comes.
 *
 * @param <T> the kind
 */
final class InventoryStore<T extends HasMetadata> implements ItemStore<T> {

    private static final Logger log = LoggerFactory.getLogger(InventoryStore.class);

    private final Map<String, T> items; // changed under its own lock only
    private final UnaryOperator<T> trim;
    private final BiConsumer<ServiceKey, @Nullable T> target;
    private boolean retired; // guarded by items

    InventoryStore(UnaryOperator<T> trim, BiConsumer<ServiceKey, @Nullable T> target) {
        this(new ConcurrentHashMap<>(), trim, target);
    }

    private InventoryStore(Map<String, T> items, UnaryOperator<T> trim, BiConsumer<ServiceKey, @Nullable T> target) {
        this.items = items;
        this.trim = trim;
        this.target = target;
    }

    /** One with the same objects, in whose favour this one retires. */
    InventoryStore<T> successor() {
        synchronized (items) {
            retired = true;
        }
        return new InventoryStore<>(items, trim, target);
    }

    /** Empty for an object that has no name: the informer must get through its list all the same. */
    @Override
    public String getKey(T object) {
        ObjectMeta metadata = object.getMetadata();
        if (metadata == null || metadata.getName() == null) {
            return "";
        }
        return metadata.getNamespace() == null
                ? metadata.getName()
                : metadata.getNamespace() + "/" + metadata.getName();
    }

    @Override
    public @Nullable T put(String key, T full) {
        if (key.isEmpty()) {
            log.warn("{} without metadata.name is ignored", full.getKind());
            return null;
        }
        T trimmed = trim.apply(full);
        synchronized (items) {
            if (retired) {
                return null;
            }
            T before = items.put(key, trimmed);
            target.accept(ServiceKey.of(trimmed), trimmed);
            return before;
        }
    }

    @Override
    public @Nullable T remove(String key) {
        synchronized (items) {
            T before = retired ? null : items.remove(key);
            if (before != null) {
                target.accept(ServiceKey.of(before), null);
            }
            return before;
        }
    }

    @Override
    public Stream<String> keySet() {
        return List.copyOf(items.keySet()).stream();
    }

    @Override
    public Stream<T> values() {
        return List.copyOf(items.values()).stream();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public @Nullable T get(String key) {
        return items.get(key);
    }

    /** What is kept is not what came. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
