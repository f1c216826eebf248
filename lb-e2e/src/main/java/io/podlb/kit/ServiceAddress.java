package io.podlb.kit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Has a parameter of a test filled in with a Service: where its cluster IP is served as {@link java.net.InetSocketAddress},
 * {@code http} {@link java.net.URI} or {@code String} of host and port, or a {@link ServiceHandle}.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface ServiceAddress {

    /** {@code web}, {@code shop/web}, and where the first port is not meant its name or number: {@code web:metrics}. */
    String value();
}
