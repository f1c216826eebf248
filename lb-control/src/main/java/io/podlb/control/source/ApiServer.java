package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.io.File;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The API server and how to talk to it. Opening one sends nothing.
 *
 * <p>Connections are HTTP/1.1, one for each watch: with HTTP/2 all of them share one connection, and when that dies
 * without a word every new request is lost on it, too. A request may take 30 seconds. What fails is tried again after
 * half a second to one and a half, doubled up to 32 times; the first step is drawn once, so that the nodes of a cluster
 * do not come back at the same moment.
 *
 * <p>Any thread. {@link #close} ends whatever was begun with it.
 */
public final class ApiServer implements AutoCloseable {

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 30_000;
    private static final int RECONNECT_MILLIS = 1_000;

    private final KubernetesClient client;
    private final WatchStreams streams;

    private ApiServer(KubernetesClient client, WatchStreams streams) {
        this.client = client;
        this.streams = streams;
    }

    /**
     * Finds out where the API server is: the kubeconfig named here, else those in {@code KUBECONFIG}, else {@code
     * ~/.kube/config}, else the account of the Pod that this runs in. Expiring tokens are read again by themselves.
     *
     * @param kubeconfig null: not named
     * @param master URL that takes the place of the one found; null: none. Alone it means a server without credentials
     * @param environment of the process
     * @param random from 0 to 1, for the pace of reconnects
     * @param clock for the times of {@link InformerSource#status}
     * @throws IllegalArgumentException with a one-line reason that names the file or what to give
     */
    public static ApiServer open(
            @Nullable Path kubeconfig,
            @Nullable String master,
            Map<String, String> environment,
            DoubleSupplier random,
            Clock clock) {
        Config config = kubeconfig == null ? found(master, environment) : read(kubeconfig);
        if (master != null) {
            config.setMasterUrl(checked(master));
        }
        TokenFile token = TokenFile.of(config);
        if (token != null) {
            config.setOauthTokenProvider(token);
        }
        config.setOnlyHttpWatches(true);
        config.setHttp2Disable(true);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setRequestTimeout(REQUEST_MILLIS);
        config.setWatchReconnectInterval((int) (RECONNECT_MILLIS * (0.5 + random.getAsDouble())));
        config.setRequestRetryBackoffLimit(0); // whoever asks tries again, at the pace above
        WatchStreams streams = new WatchStreams(clock);
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(new TolerantJson())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("podlb-watches", streams))
                .build();
        return new ApiServer(client, streams);
    }

    /**
     * Whether podlb would reach the API server through a Service that podlb itself may have to serve.
     *
     * @param server its URL
     * @param serviceRanges of the cluster
     * @param environment of the process; {@code KUBERNETES_SERVICE_HOST} is a cluster IP
     * @return one line with what to do instead; null if all is well
     */
    public static @Nullable String loopWarning(URI server, List<Cidr> serviceRanges, Map<String, String> environment) {
        String host = server.getHost();
        if (host == null) {
            return null;
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress address = addressOrNull(bare);
        boolean inside = address != null && serviceRanges.stream().anyMatch(range -> range.contains(address));
        if (!inside && !bare.equals(environment.get("KUBERNETES_SERVICE_HOST"))) {
            return null;
        }
        return "the API server is reached at " + server
                + ", the cluster IP of a Service that podlb serves itself: after a"
                + " restart neither would come up; give its real address with --master https://NODE:6443";
    }

    /**
     * Creates an Event.
     *
     * @throws KubernetesClientException if that failed
     */
    public void create(Event event) {
        client.resource(event).create();
    }

    /** For other uses of the API server. It is closed with this. */
    public KubernetesClient client() {
        return client;
    }

    /** Where it is. */
    public URI url() {
        return URI.create(client.getMasterUrl().toString());
    }

    WatchStreams streams() {
        return streams;
    }

    @Override
    public void close() {
        client.close();
    }

    private static Config read(Path kubeconfig) {
        if (!Files.isRegularFile(kubeconfig) || !Files.isReadable(kubeconfig)) {
            throw new IllegalArgumentException("kubeconfig " + kubeconfig + ": "
                    + (Files.exists(kubeconfig) ? "is no readable file" : "there is no such file")
                    + "; name another one with --kubeconfig");
        }
        try {
            return Config.fromKubeconfig(kubeconfig.toFile());
        } catch (RuntimeException e) {
            throw unusable("kubeconfig " + kubeconfig, e);
        }
    }

    private static Config found(@Nullable String master, Map<String, String> environment) {
        String named = environment.getOrDefault("KUBECONFIG", "");
        if (!named.isEmpty()
                && Arrays.stream(named.split(File.pathSeparator)).noneMatch(file -> Files.isReadable(Path.of(file)))) {
            throw new IllegalArgumentException(
                    "KUBECONFIG=" + named + ": there is no such readable file; unset it or use --kubeconfig");
        }
        Config config;
        try {
            config = Config.autoConfigure(null);
        } catch (RuntimeException e) {
            throw unusable(named.isEmpty() ? "~/.kube/config" : "KUBECONFIG=" + named, e);
        }
        if (master == null && config.getCurrentContext() == null && config.getAutoOAuthToken() == null) {
            throw new IllegalArgumentException("no kubeconfig was found and this is no Pod with a service account;"
                    + " use --kubeconfig FILE or --master URL");
        }
        return config;
    }

    private static IllegalArgumentException unusable(String what, RuntimeException reason) {
        String message = String.valueOf(reason.getMessage());
        return new IllegalArgumentException(
                what + " cannot be used: " + message.lines().findFirst().orElse(""), reason);
    }

    private static String checked(String master) {
        URI url;
        try {
            url = URI.create(master.contains("://") ? master : "https://" + master);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--master " + master + " is no URL; use https://HOST:6443", e);
        }
        if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
            throw new IllegalArgumentException("--master " + master + " names no host; use https://HOST:6443");
        }
        return url.toString();
    }

    private static @Nullable InetAddress addressOrNull(String host) {
        try {
            return InetAddresses.parse(host);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
