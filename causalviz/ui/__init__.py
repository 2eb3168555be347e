"""The only folder that knows streamlit: session, cached stages, jobs, guards, components."""
