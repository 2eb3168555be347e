"""The dashboard's entrance: ``streamlit run app.py``."""

from causalviz.ui.router import route

route()
