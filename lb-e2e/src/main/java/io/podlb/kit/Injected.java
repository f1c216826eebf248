package io.podlb.kit;

import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** What a {@link ServiceAddress} stands for. Pure. */
final class Injected {

    private Injected() {}

    /**
     * The Service as that type.
     *
     * @throws ParameterResolutionException if there is no such Service, or the type is none of those
     */
    static Object value(Lab lab, String text, Class<?> type) {
        int colon = text.indexOf(':');
        ServiceHandle service;
        InetSocketAddress address;
        try {
            service = lab.service(colon < 0 ? text : text.substring(0, colon));
            if (type == ServiceHandle.class) {
                return service;
            }
            address = colon < 0 ? service.address() : service.address(text.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            throw new ParameterResolutionException("@ServiceAddress(\"" + text + "\"): " + e.getMessage(), e);
        }
        if (type == InetSocketAddress.class) {
            return address;
        }
        URI uri = ServiceHandle.uri(address);
        if (type == URI.class) {
            return uri;
        }
        if (type == String.class) {
            return uri.getAuthority();
        }
        throw new ParameterResolutionException("@ServiceAddress(\"" + text + "\"): " + type.getName()
                + " (expected: InetSocketAddress, URI, String or ServiceHandle)");
    }
}
